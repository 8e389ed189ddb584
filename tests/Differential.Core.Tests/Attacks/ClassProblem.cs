using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>
/// Samples of several classes that a linear model with thresholds decides, with the exact distance of each to the nearest boundary:
/// of all other classes the smallest distance to the plane on which both scores less their thresholds are level.
/// </summary>
internal sealed class ClassProblem
{
    private const int Classes = 4;

    private readonly float[][] _weights;
    private readonly float[] _biases;
    private readonly float[] _thresholds;

    private ClassProblem(RandomStream random, int length, float[] inputs, Func<sbyte[], Dataset> data)
    {
        _weights = [.. Enumerable.Range(0, Classes).Select(_ => Enumerable.Range(0, length).Select(_ => (float)random.NextNormal()).ToArray())];
        _thresholds = [0.5f, -1, 2, 0];

        // Each class's mean score less its threshold is 0, so that all of them have samples.
        _biases = [.. _weights.Select((w, k) => (float)(_thresholds[k] - inputs.Chunk(length).Average(x => Dot(w, x))))];
        Data = data([.. inputs.Chunk(length).Select(x => (sbyte)Enumerable.Range(0, Classes).MaxBy(k => Score(k, x)))]);
    }

    public Dataset Data { get; }

    /// <summary>"unbounded": points; "inside": images away from 0 and 255; "cut": images most of whose pixels are near these.</summary>
    public static ClassProblem Named(string name, int count = 30)
    {
        var random = new RandomStream(23, name);
        if (name == "unbounded")
        {
            float[] features = [.. Enumerable.Range(0, count * 13).Select(_ => (float)(3 * random.NextNormal()))];
            return new ClassProblem(random, 13, features, labels => Dataset.OfPoints(13, labels, features, Classes));
        }

        (int low, int high) = name == "inside" ? (100, 156) : (-150, 406);
        var shape = new Shape(5, 3, 2);
        byte[] pixels = [.. Enumerable.Range(0, count * shape.Length).Select(_ => (byte)Math.Clamp(low + random.NextInt32(high - low), 0, 255))];
        return new ClassProblem(random, shape.Length, [.. pixels.Select(value => value / 255f)], labels => Dataset.OfImages(shape, labels, pixels, Classes));
    }

    /// <summary>The model as a network of one dense layer.</summary>
    public Network Network(ComputeDevice device, float scale = 1)
    {
        var network = new Network(device, NetworkArchitecture.Create(Data.SampleShape, [new DenseOptions { Units = Classes }], Classes), InputNormalization.None(Data.SampleShape));
        int[] order = Order();
        network.SetParameter("layers.0.weight", [.. _weights.SelectMany(w => order.Select(i => scale * w[i]))]);
        network.SetParameter("layers.0.bias", [.. _biases.Select(bias => scale * bias)]);
        network.SetThresholds([.. _thresholds.Select(threshold => scale * threshold)]);
        return network;
    }

    /// <summary>Distance to the nearest boundary within the bounds; ∞ where there is none.</summary>
    public double Distance(int index, AttackNorm norm)
    {
        var x = new float[Data.SampleShape.Length];
        Data.Sample(index, x);
        int own = Data.Labels[index];
        return Enumerable.Range(0, Classes).Where(k => k != own).Min(other =>
        {
            float[] difference = [.. _weights[own].Zip(_weights[other], (a, b) => a - b)];
            double bias = (double)_biases[own] - _biases[other] - _thresholds[own] + _thresholds[other];
            using var pair = new LinearScoreModel(Data.SampleShape, difference, bias, 1);
            return ExactDistance.Of(pair, x, 1, norm, Data.Low, Data.High);
        });
    }

    /// <summary>How far a class is ahead of all others, in double precision.</summary>
    public double Margin(float[] x, int label) => Score(label, x) - Enumerable.Range(0, Classes).Where(k => k != label).Max(k => Score(k, x));

    private double Score(int k, float[] x) => Dot(_weights[k], x) + _biases[k] - _thresholds[k];

    private static double Dot(float[] a, float[] b) => a.Zip(b, (p, q) => (double)p * q).Sum();

    /// <summary>Where each weight of the channel, row, column order lies among the stored elements.</summary>
    private int[] Order()
    {
        Shape shape = Data.SampleShape;
        int channels = shape.Rank == 3 ? shape[2] : 1;
        int pixels = shape.Length / channels;
        return [.. Enumerable.Range(0, shape.Length).Select(i => (i % pixels * channels) + (i / pixels))];
    }
}
