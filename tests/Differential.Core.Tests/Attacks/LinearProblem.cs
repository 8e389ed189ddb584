using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>Samples around a linear boundary, with the exact distance of each.</summary>
internal sealed class LinearProblem
{
    private LinearProblem(Dataset data, float[] weight, double bias)
    {
        Data = data;
        Weight = weight;
        Bias = bias;
    }

    public Dataset Data { get; }

    public float[] Weight { get; }

    public double Bias { get; }

    /// <summary>Points of 13 features in a space without bounds.</summary>
    public static LinearProblem Unbounded(int count = 60)
    {
        var random = new RandomStream(7, "points");
        float[] features = [.. Enumerable.Range(0, count * 13).Select(_ => (float)(3 * random.NextNormal()))];
        return Label(random, 13, features, values => Dataset.OfPoints(13, values, features));
    }

    /// <summary>Images of 5 × 3 pixels with 2 channels, away from 0 and 255 and near the boundary: the box cuts nothing off.</summary>
    public static LinearProblem InsideTheBox(int count = 60) => Images(count, 100, 156);

    /// <summary>Images with most pixels at or near 0 and 255: the box cuts most ways to the boundary off.</summary>
    public static LinearProblem CutByTheBox(int count = 60) => Images(count, -150, 406);

    public static LinearProblem Named(string name) => name switch
    {
        "unbounded" => Unbounded(30),
        "inside" => InsideTheBox(30),
        "cut" => CutByTheBox(30),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    public LinearScoreModel Model(int maxBatch = 16, float scale = 1, int threads = 1) =>
        new(Data.SampleShape, Weight, Bias, maxBatch, scale, threads) { Threshold = scale * 0.0625f };

    /// <summary>The sample as the device sees it.</summary>
    public float[] Sample(int index)
    {
        int length = Data.SampleShape.Length;
        return Data.Pixels is null
            ? Data.Features![(index * length)..((index + 1) * length)]
            : [.. Data.Pixels[(index * length)..((index + 1) * length)].Select(value => value / 255f)];
    }

    public double Distance(int index, AttackNorm norm)
    {
        using LinearScoreModel model = Model();
        return ExactDistance.Of(model, Sample(index), Data.Labels[index], norm, Data.Low, Data.High);
    }

    private static LinearProblem Images(int count, int low, int high)
    {
        var random = new RandomStream(11, "images");
        var shape = new Shape(5, 3, 2);
        byte[] pixels = [.. Enumerable.Range(0, count * shape.Length).Select(_ => (byte)Math.Clamp(low + random.NextInt32(high - low), 0, 255))];
        float[] inputs = [.. pixels.Select(value => value / 255f)];
        return Label(random, shape.Length, inputs, labels => Dataset.OfImages(shape, labels, pixels));
    }

    /// <summary>Random weights, the boundary through the middle of the samples, labels by its sides.</summary>
    private static LinearProblem Label(RandomStream random, int length, float[] inputs, Func<sbyte[], Dataset> data)
    {
        float[] weight = [.. Enumerable.Range(0, length).Select(_ => (float)random.NextNormal())];
        double[] sums = [.. inputs.Chunk(length).Select(x => x.Zip(weight, (a, b) => (double)a * b).Sum())];
        double bias = -sums.Order().ElementAt(sums.Length / 2) - 1e-3;
        sbyte[] labels = [.. sums.Select(sum => (sbyte)(sum + bias > 0.0625 ? 1 : -1))];
        return new LinearProblem(data(labels), weight, bias);
    }
}
