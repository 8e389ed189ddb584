using Differential.Core.Models;
using Differential.Core.Networks;
using Differential.Core.Tests.Onnx;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Importing;

/// <summary>Small models with each operator: scores and gradients by the inputs as PyTorch computes them.</summary>
public class SmallModelTests
{
    /// <summary>Those with the kernels that no training has.</summary>
    private static readonly string[] OnIlgpu = ["convDepthwise", "betweenValues", "concat"];

    public static TheoryData<string> Models => [.. SmallModel.Names];

    [Theory]
    [MemberData(nameof(Models))]
    public void Open_ASmallModel_ComputesWhatPyTorchDoes(string name)
    {
        using var device = new SimdDevice(threads: 1);
        Compare(name, device);
    }

    [Fact]
    public void Open_SmallModelsOnIlgpu_ComputeWhatPyTorchDoes()
    {
        using ComputeDevice device = DeviceCatalog.Open("ilgpu-cpu");
        Assert.All(OnIlgpu, name => Compare(name, device));
    }

    private static void Compare(string name, ComputeDevice device)
    {
        SmallModel model = SmallModel.Read(name);
        OpenedModel opened = ModelOpener.Open(model.File);
        Assert.Equal(model.Stripped is not null, opened.Notes.Any(note => note.StartsWith($"The {model.Stripped} at the model's end is taken off", StringComparison.Ordinal)));
        Assert.Equal(model.Scores == 2 ? 1 : model.Scores, opened.Scores);
        bool isLast = name == "channelsLast";
        using Network network = opened.Create(device);
        using NetworkPlan plan = network.Plan(model.Count + 1, PlanPurpose.Attack);
        using NetworkPlan inference = network.Plan(model.Count, PlanPurpose.Inference);
        using Tensor<float> x = device.Allocate(opened.Input.Batched(model.Count), isLast ? model.X : ChannelsLast(opened.Input, model.X));
        float[] scores = plan.Forward(x, model.Count).ToArray();
        float[] expected = Scores(model);
        AssertClose(expected, scores, $"{name} on {device.Info.Id}: score");
        AssertClose(expected, inference.Forward(x, model.Count).ToArray(), $"{name} on {device.Info.Id}: score without gradients");
        plan.Forward(x, model.Count);
        using Tensor<float> slopes = device.Allocate(new Shape(model.Count * opened.Scores), Slopes(model));
        float[] gradient = new float[model.X.Length];
        plan.InputGradient(slopes, model.Count).Read(gradient);
        AssertClose([.. model.Dx.Select(static value => (float)value)], isLast ? gradient : ExportedNetwork.ChannelsFirst(opened.Input, gradient), $"{name} on {device.Info.Id}: gradient");
    }

    /// <summary>Of two scores their difference.</summary>
    private static float[] Scores(SmallModel model) => model.Scores == 2
        ? [.. model.Y.Chunk(2).Select(static pair => (float)(pair[1] - pair[0]))]
        : [.. model.Y.Select(static value => (float)value)];

    /// <summary>The gradient that PyTorch took is that of Σ (−1)ᵏ/(k + 1)·scoreₖ, of two scores that of their difference.</summary>
    private static float[] Slopes(SmallModel model) =>
        [.. Enumerable.Range(0, model.Count).SelectMany(_ => Enumerable.Range(0, model.Scores == 2 ? 1 : model.Scores)).Select((_, i) => model.Scores <= 2 ? 1 : (i % model.Scores % 2 == 0 ? 1f : -1f) / ((i % model.Scores) + 1))];

    private static float[] ChannelsLast(Shape input, float[] values)
    {
        if (input.Rank == 1)
        {
            return values;
        }

        // Channels as pixels and pixels as channels: the same re-ordering, the other way.
        return ExportedNetwork.ChannelsFirst(new Shape(1, input[2], input[0] * input[1]), values);
    }

    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, Math.Min(expected.Length, actual.Length));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 + (2e-5 * Math.Abs(expected[i])), $"{what} {i}: {actual[i]}; PyTorch has {expected[i]}");
        }
    }
}
