using Differential.Core.Networks;
using Differential.Core.Onnx;
using Differential.Kernels.Devices;
using Microsoft.ML.OnnxRuntime;
using DenseTensor = Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>;

namespace Differential.Core.Tests.Onnx;

/// <summary>A network with values from a seed, and what ONNX Runtime makes of its export.</summary>
internal static class ExportedNetwork
{
    public static SavedModel Names(Network network) => new(
        [], network.Architecture.Input, [], 1, 0, "airplane", "horse \"2\" é", [])
    {
        Classes = network.Architecture.Scores == 1 ? null : [.. Enumerable.Range(0, network.Architecture.Scores).Select(static i => $"class {i}")],
    };

    /// <summary>Every value is moved off where layers start it, statistics and thresholds too.</summary>
    public static Network Create(ComputeDevice device, Shape input, IReadOnlyList<LayerOptions> layers, int scores, bool normalized)
    {
        int channels = input[input.Rank - 1];
        InputNormalization normalization = normalized ? new([.. Enumerable.Range(0, channels).Select(static channel => 0.3f + (0.1f * channel))], 1.7f) : InputNormalization.None(input);
        var network = new Network(device, NetworkArchitecture.Create(input, layers, scores), normalization);
        network.Initialize(5);
        var random = new RandomStream(9, "export");
        network.SetParameters([.. network.ParameterValues.ToArray().Select(value => value + (float)(0.02 * random.NextNormal()))]);
        network.SetState([.. (network.StateValues?.ToArray() ?? []).Select(value => (0.7f * value) + 0.2f)]);
        network.SetThresholds([.. Enumerable.Range(0, scores).Select(static score => 0.25f - (0.1f * score))]);
        network.Settle();
        return network;
    }

    /// <summary>Samples in the order of activations, channels last.</summary>
    public static float[] Samples(Shape input, int count)
    {
        var random = new RandomStream(2, "samples");
        return [.. Enumerable.Range(0, count * input.Length).Select(_ => (float)random.NextDouble())];
    }

    /// <summary>The network's own scores less the thresholds.</summary>
    public static float[] Own(Network network, float[] samples, int count)
    {
        using NetworkPlan plan = network.Plan(count, PlanPurpose.Attack);
        using Tensor<float> x = network.Device.Allocate(network.Architecture.Input.Batched(count), samples);
        float[] scores = plan.Forward(x, count).ToArray();
        return [.. scores.Select((score, i) => score - network.Thresholds[i % network.Thresholds.Count])];
    }

    /// <summary>What ONNX Runtime computes of the exported model.</summary>
    public static float[] ByRuntime(byte[] model, Shape input, float[] samples, int count)
    {
        using var session = new InferenceSession(model);
        int[] dimensions = [count, .. LayerExport.Dimensions(input)];
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results =
            session.Run([NamedOnnxValue.CreateFromTensor("input", new DenseTensor(ChannelsFirst(input, samples), dimensions))]);
        return [.. results[0].AsEnumerable<float>()];
    }

    public static byte[] Bytes(OnnxModel model)
    {
        var stream = new MemoryStream();
        OnnxWriter.Write(stream, model);
        return stream.ToArray();
    }

    public static float[] ChannelsFirst(Shape input, float[] samples)
    {
        if (input.Rank == 1)
        {
            return samples;
        }

        (int pixels, int channels) = (input[0] * input[1], input[2]);
        var reordered = new float[samples.Length];
        for (int i = 0; i < reordered.Length; i++)
        {
            (int sample, int within) = Math.DivRem(i, input.Length);
            (int channel, int pixel) = Math.DivRem(within, pixels);
            reordered[i] = samples[(sample * input.Length) + (pixel * channels) + channel];
        }

        return reordered;
    }
}
