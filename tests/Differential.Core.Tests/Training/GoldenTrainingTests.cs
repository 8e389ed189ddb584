using System.Text.Json;
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>Five steps of a tiny network against PyTorch's (golden/make_training_golden.py).</summary>
public sealed class GoldenTrainingTests : IDisposable
{
    private readonly JsonDocument _golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "training.json")));

    public static TheoryData<string, string> Runs => new()
    {
        { "differential", "sgd" },
        { "differential", "nesterov" },
        { "differential", "adam" },
        { "cross_entropy", "sgd" },
        { "cross_entropy", "nesterov" },
        { "cross_entropy", "adam" },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void FiveSteps_AsPyTorch(string lossName, string optimizerName)
    {
        JsonElement root = _golden.RootElement;
        JsonElement expected = root.GetProperty("runs").EnumerateArray()
            .Single(run => run.GetProperty("loss").GetString() == lossName && run.GetProperty("optimizer").GetString() == optimizerName);
        Dataset data = ReadData(root);
        using var device = new SimdDevice(threads: 2);
        using Network network = CreateNetwork(device, root);
        using NetworkPlan plan = network.Plan(7, PlanPurpose.Training);
        using var samples = new DeviceDataset(device, data);
        using Optimizer optimizer = Optimizer.Create(OptimizerOf(optimizerName), network);
        using Loss loss = Loss.Create(lossName == "differential" ? new DifferentialOptions() : new CrossEntropyOptions(), device, 7);
        using Tensor<float> batch = device.Allocate(data.SampleShape.Batched(7));
        using Tensor<float> labels = device.Allocate(new Shape(7));
        using Tensor<float> dScores = device.Allocate(new Shape(7));
        using Tensor<float> value = device.Allocate(new Shape(1));
        var losses = new List<float>();
        float rate = LearningRate.At(OptimizerOf(optimizerName), 0, 5);
        foreach (JsonElement step in root.GetProperty("batches").EnumerateArray())
        {
            int[] indices = [.. step.EnumerateArray().Select(static index => index.GetInt32())];
            samples.Load(indices, batch);
            labels.Write([.. indices.Select(index => (float)data.Labels[index])]);
            loss.Compute(plan.Forward(batch, 7), labels, dScores, value, 7);
            plan.ParameterGradients(dScores, 7);
            optimizer.Prepare(rate);
            optimizer.Step(value);
            losses.AddRange(value.ToArray());
        }

        AssertClose(Floats(expected.GetProperty("losses")), [.. losses], "losses");
        foreach (Parameter parameter in network.Parameters)
        {
            AssertClose(Floats(expected.GetProperty("parameters").GetProperty(parameter.Name)), parameter.Value.ToArray(), parameter.Name);
        }
    }

    public void Dispose() => _golden.Dispose();

    private static Dataset ReadData(JsonElement root) => Dataset.OfImages(
        new Shape(root.GetProperty("height").GetInt32(), root.GetProperty("width").GetInt32(), root.GetProperty("channels").GetInt32()),
        [.. root.GetProperty("labels").EnumerateArray().Select(static label => label.GetSByte())],
        [.. root.GetProperty("pixels").EnumerateArray().Select(static pixel => pixel.GetByte())]);

    private static Network CreateNetwork(ComputeDevice device, JsonElement root)
    {
        var architecture = NetworkArchitecture.Create(
            ReadData(root).SampleShape,
            [
                new ConvOptions { Filters = 3, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(),
                new ConvOptions { Filters = 4, Size = 2 }, new ReluOptions(), new AveragePoolOptions { Stride = 1 },
                new FlattenOptions(), new DenseOptions { Units = 5 }, new ReluOptions(), new DenseOptions { Units = 1 },
            ]);
        var network = new Network(device, architecture, new InputNormalization(Floats(root.GetProperty("mean")), root.GetProperty("scale").GetSingle()));
        foreach (JsonProperty parameter in root.GetProperty("start").EnumerateObject())
        {
            network.SetParameter(parameter.Name, Floats(parameter.Value));
        }

        return network;
    }

    private static OptimizerOptions OptimizerOf(string name) => name switch
    {
        "sgd" => new SgdOptions { LearningRate = 0.1, Momentum = 0.9, WeightDecay = 0.01 },
        "nesterov" => new SgdOptions { LearningRate = 0.1, Momentum = 0.9, Nesterov = true },
        _ => new AdamOptions { LearningRate = 0.01, WeightDecay = 0.001 },
    };

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(static value => value.GetSingle())];

    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-6 + (1e-4 * Math.Abs(expected[i])), $"{what}[{i}] is {actual[i]}; {expected[i]} is expected");
        }
    }
}
