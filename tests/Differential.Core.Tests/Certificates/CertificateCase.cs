using Differential.Core.Certificates;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Certificates;

/// <summary>A random small network with a sample, of random sizes of inputs, weights and margins, and with cancellation between them.</summary>
internal sealed class CertificateCase : IDisposable
{
    private static readonly (int[] Input, LayerOptions[] Layers)[] Architectures =
    [
        ([2], []),
        ([7], []),
        ([2], [Dense(2), new ReluOptions()]),
        ([5], [Dense(6), new ReluOptions(), Dense(4), new ReluOptions()]),
        ([4], [Dense(6), new MaxMinOptions(), Dense(4), new MaxMinOptions()]),
        ([3], [Dense(4), Dense(4), new ReluOptions()]),
        ([37], [Dense(20), new ReluOptions()]),
        ([4, 3, 2], [new ConvOptions { Filters = 2, Size = 2 }, new ReluOptions(), new FlattenOptions()]),
        ([5, 5, 1], [new ConvOptions { Filters = 2, Size = 2, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(), new FlattenOptions(), Dense(3), new ReluOptions()]),
        ([4, 4, 2], [new AveragePoolOptions { Size = 2 }, new ConvOptions { Filters = 2, Size = 2, Padding = 1 }, new MaxMinOptions(), new FlattenOptions()]),
        ([6, 6, 1], [new ConvOptions { Filters = 2, Size = 2, Stride = 2, Lipschitz = true }, new MaxMinOptions(), new FlattenOptions(), Dense(4, true), new MaxMinOptions()]),
    ];

    /// <summary>Networks with branches, apart from the others so that these stay the same cases.</summary>
    private static readonly (int[] Input, LayerOptions[] Layers)[] Branched =
    [
        ([5], [Dense(4), Mix(0.5, Dense(4), new ReluOptions())]),
        ([4], [Mix(0.3, Dense(4)), new ReluOptions(), Mix(0.9, Dense(4, true), new MaxMinOptions())]),
        ([4, 4, 2], [Mix(0.5, new ConvOptions { Filters = 2, Padding = 1, Lipschitz = true }, new MaxMinOptions()), new FlattenOptions(), Dense(4, true), new MaxMinOptions()]),
        ([6], [new ResidualOptions { Layers = [new MaxMinOptions(), Dense(3)], Shortcut = [Dense(3)], Share = 0.1 }]),
        ([5], [new ResidualOptions { Layers = [Dense(5), new ReluOptions()] }, Mix(0.5, Dense(5))]),
    ];

    private readonly Decision _decision;
    private NetworkPlan? _plan;
    private Tensor<float>? _input;

    private CertificateCase(Network network, float[] sample, int label, int number)
    {
        Norms = number % 5 == 0 ? [.. Enum.GetValues<AttackNorm>()] : AttackNormNames.Common;
        Network = network;
        Sample = sample;
        Label = label;
        _decision = Decision.By(network.Thresholds);
    }

    public Network Network { get; }

    public float[] Sample { get; }

    public int Label { get; }

    /// <summary>Of the certificates: L2 and L∞, of every fifth case L1 too.</summary>
    public IReadOnlyList<AttackNorm> Norms { get; }

    /// <param name="device">The network's.</param>
    /// <param name="number">Of the case.</param>
    /// <param name="branched">Whether the network has branches.</param>
    public static CertificateCase Create(ComputeDevice device, int number, bool branched = false)
    {
        var random = new RandomStream(12, branched ? "branched case" : "certificate case", number);
        (int[] Input, LayerOptions[] Layers)[] architectures = branched ? Branched : Architectures;
        (int[] input, LayerOptions[] layers) = architectures[random.NextInt32(architectures.Length)];
        bool unitNorm = layers.OfType<ConvOptions>().Any(static conv => conv.Lipschitz);
        int scores = random.NextInt32(3) == 0 ? 3 : 1;
        var shape = new Shape(input);

        // Inputs of one size around another: what is far from 0 and close together cancels.
        double center = PowerOfTen(-6, 6) * random.NextInt32(2);
        double spread = center > 0 ? center * PowerOfTen(-6, 0) : PowerOfTen(-6, 6);
        float[] sample = [.. Enumerable.Range(0, shape.Length).Select(_ => (float)(center + (spread * random.NextNormal())))];
        bool normalizes = random.NextInt32(2) == 0;
        int channels = shape[shape.Rank - 1];
        InputNormalization normalization = normalizes
            ? new InputNormalization([.. Enumerable.Range(0, channels).Select(_ => (float)(center * (1 + (0.1 * random.NextNormal()))))], (float)PowerOfTen(-3, 3))
            : InputNormalization.None(shape);
        var network = new Network(device, NetworkArchitecture.Create(shape, [.. layers, branched && number % 3 == 0 ? new DenseOptions { Units = scores, UnitRows = true } : Dense(scores, unitNorm)], scores), normalization);
        network.Initialize(number);
        foreach (Parameter parameter in network.Parameters)
        {
            network.SetParameter(parameter.Name, Parameter(parameter));
        }

        // Thresholds at the scores, but for a small share of their size.
        var reference = new ReferenceNetwork(network);
        double[] values = Values(reference, sample);
        double size = values.Max(Math.Abs) + 1e-30;
        network.SetThresholds([.. values.Select(value => (float)(value + (size * PowerOfTen(-8, 0) * random.NextNormal())))]);
        values = Values(reference, sample);
        return new CertificateCase(network, sample, scores > 1 ? Array.IndexOf(values, values.Max()) : values[0] > 0 ? 1 : -1, number);

        double PowerOfTen(double low, double high) => Math.Pow(10, random.NextDouble(low, high));

        float[] Parameter(Parameter parameter)
        {
            double scale = PowerOfTen(-3, 3);
            float[] values = [.. Enumerable.Range(0, parameter.Shape.Length).Select(_ => (float)(scale * random.NextNormal()))];

            // Rows that are nearly alike.
            double apart = PowerOfTen(-6, 0);
            int row = values.Length / parameter.Shape[0];
            for (int i = row; i < values.Length && !parameter.IsBias && number % 2 == 0; i++)
            {
                values[i] = (float)(values[i % row] + (apart * values[i]));
            }

            return values;
        }

        static double[] Values(ReferenceNetwork reference, float[] sample)
        {
            var numbers = new GradientNumbers(0);
            return [.. reference.Scores(numbers, [.. sample.Select(value => numbers.Of(value))]).Select(static score => score.Value)];
        }
    }

    /// <summary>The best certificate of each method, for each of the norms.</summary>
    public IEnumerable<(string Method, AttackNorm Norm, double Radius)> Certificates(Arithmetic arithmetic)
    {
        var lipschitz = new LipschitzCertificate(Network, arithmetic);
        var bounds = new LinearBounds(Network);
        foreach (AttackNorm norm in Norms)
        {
            yield return ("lipschitz", norm, lipschitz.Radius(Sample, Label, norm));
            foreach (BoundMethod method in Enum.GetValues<BoundMethod>())
            {
                yield return (method.ToString(), norm, bounds.Radius(Sample, Label, norm, method, 1e-4, arithmetic));
            }
        }
    }

    /// <summary>Whether the program itself decides against the label.</summary>
    public bool IsFlippedOnDevice(float[] x)
    {
        _plan ??= Network.Plan(1, PlanPurpose.Attack);
        _input ??= Network.Device.Allocate<float>(_plan.SampleShape.Batched(1));
        _input.Write(x);
        float[] scores = _plan.Forward(_input, 1).ToArray()[.._plan.Scores];
        RowLabel label = _decision.Row((sbyte)Label);
        return Decision.IsFlipped(label, _decision.Margin(scores, label.Value));
    }

    public string Describe() => $"{string.Join(" ", Network.Architecture.Layers.Select(static layer => layer.GetType().Name[..^5] + layer.Output))}, label {Label}";

    public void Dispose()
    {
        _input?.Dispose();
        _plan?.Dispose();
        Network.Dispose();
    }

    private static ResidualOptions Mix(double share, params LayerOptions[] layers) => new() { Layers = layers, Share = share };

    private static DenseOptions Dense(int units, bool lipschitz = false) => new() { Units = units, Lipschitz = lipschitz };
}
