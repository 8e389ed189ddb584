using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>Small images of three classes that a network separates within a few epochs: one third of the rows is brighter.</summary>
internal static class ClassToyData
{
    public const int Classes = 3;

    public static IReadOnlyList<LayerOptions> Layers { get; } =
    [
        new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(),
        new DenseOptions { Units = 6 }, new ReluOptions(), new DenseOptions { Units = Classes },
    ];

    /// <param name="counts">Training images of each class.</param>
    /// <param name="seed">Decides the pixels.</param>
    public static DataSplits Images(int[] counts, int seed = 5) => new(Bright(counts, seed), Bright([8, 8, 8], seed + 1), ["top", "middle", "bottom"]);

    private static Dataset Bright(int[] counts, int seed)
    {
        var random = new Random(seed);
        sbyte[] labels = [.. counts.SelectMany((count, label) => Enumerable.Repeat((sbyte)label, count))];
        random.Shuffle(labels);
        var pixels = new byte[labels.Length * 36];
        for (int i = 0; i < pixels.Length; i++)
        {
            bool bright = i % 36 / 12 == labels[i / 36];
            pixels[i] = (byte)(random.Next(0, 150) + (bright ? 105 : 0));
        }

        return Dataset.OfImages(new Shape(6, 6, 1), labels, pixels, Classes);
    }
}
