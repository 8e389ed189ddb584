using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>Small data sets that a network separates within a few epochs.</summary>
internal static class ToyData
{
    /// <summary>Images of 8 × 8: the positive ones are brighter in the upper half, the negative ones in the lower.</summary>
    public static DataSplits Images(int positives = 40, int negatives = 40, int seed = 5) => new(
        HalfBright(positives, negatives, seed),
        HalfBright(16, 16, seed + 1),
        "upper",
        "lower");

    /// <summary>Points of the plane on both sides of a line, with a gap.</summary>
    public static DataSplits Points(int perClass, int seed = 5) => new(Line(perClass, seed), Line(perClass, seed + 1), "right", "left");

    private static Dataset HalfBright(int positives, int negatives, int seed)
    {
        var random = new Random(seed);
        sbyte[] labels = [.. Enumerable.Range(0, positives + negatives).Select(index => (sbyte)(index < positives ? 1 : -1))];
        var pixels = new byte[labels.Length * 64];
        for (int i = 0; i < pixels.Length; i++)
        {
            bool upper = i % 64 < 32;
            bool bright = upper == labels[i / 64] > 0;
            pixels[i] = (byte)(random.Next(0, 150) + (bright ? 105 : 0));
        }

        return Dataset.OfImages(new Shape(8, 8, 1), labels, pixels);
    }

    private static Dataset Line(int perClass, int seed)
    {
        var random = new Random(seed);
        sbyte[] labels = [.. Enumerable.Range(0, 2 * perClass).Select(index => (sbyte)(index % 2 == 0 ? 1 : -1))];
        var features = new float[labels.Length * 2];
        for (int i = 0; i < labels.Length; i++)
        {
            features[2 * i] = (float)(labels[i] * (0.3 + random.NextDouble()));
            features[(2 * i) + 1] = (float)((random.NextDouble() * 4) - 2);
        }

        return Dataset.OfPoints(2, labels, features);
    }
}
