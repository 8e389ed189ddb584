using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>
/// Synthetic colour images: a disc (label +1) or a cross (−1), or one of several shapes (labels from 0), somewhere, of some size,
/// lighter or darker than a background with a gradient, with noise. Because the sign of the contrast is random, no linear score
/// of the pixels tells them apart.
/// </summary>
/// <param name="size">Rows and columns.</param>
/// <param name="noise">Standard deviation of the pixel noise, in the [0, 1] scale.</param>
/// <param name="seed">The job's seed. Each image has a stream of its own.</param>
/// <param name="classes">How many shapes.</param>
internal sealed class ShapesGenerator(int size, double noise, long seed, int classes = 2)
{
    internal const int Channels = 3;
    internal const int MaxClasses = 10;

    private static readonly string[] AllNames = ["disc", "cross", "square", "ring", "triangle", "bar", "saltire", "frame", "half disc", "corner"];

    /// <summary>The shapes' names, by class; of two the positive one first.</summary>
    internal IReadOnlyList<string> Names { get; } = AllNames[..classes];

    /// <param name="split">Which set: names the streams, so that training and test images differ.</param>
    /// <param name="count">Images; the classes take turns, the first one (+1) first.</param>
    internal Dataset Make(string split, int count)
    {
        Shape shape = new(size, size, Channels);
        sbyte[] labels = new sbyte[count];
        byte[] pixels = new byte[count * shape.Length];
        for (int i = 0; i < count; i++)
        {
            int number = i % classes;
            labels[i] = (sbyte)(classes > 2 ? number : number == 0 ? 1 : -1);
            Draw(new RandomStream(seed, $"shapes {split}", i), number, pixels.AsSpan(i * shape.Length, shape.Length));
        }

        return Dataset.OfImages(shape, labels, pixels, classes);
    }

    private void Draw(RandomStream random, int number, Span<byte> image)
    {
        double radius = size * random.NextDouble(0.25, 0.4);
        double row = random.NextDouble(radius, size - radius);
        double column = random.NextDouble(radius, size - radius);
        double turn = random.NextDouble(-Math.PI / 8, Math.PI / 8);
        (double sine, double cosine) = Math.SinCos(turn);
        double sign = random.NextDouble() < 0.5 ? -1 : 1;
        double gradient = random.NextDouble(0, 0.2);
        (double down, double across) = Math.SinCos(random.NextDouble(0, 2 * Math.PI));
        Span<double> background = stackalloc double[Channels];
        Span<double> contrast = stackalloc double[Channels];
        for (int c = 0; c < Channels; c++)
        {
            background[c] = random.NextDouble(0.4, 0.6);
            contrast[c] = sign * random.NextDouble(0.25, 0.5);
        }

        for (int y = 0, k = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                (double dy, double dx) = (y + 0.5 - row, x + 0.5 - column);
                double distance = number == 0
                    ? Math.Sqrt((dy * dy) + (dx * dx)) - radius
                    : ShapeOutline.Distance(number, (cosine * dx) + (sine * dy), (cosine * dy) - (sine * dx), radius);
                double coverage = Math.Clamp(0.5 - distance, 0, 1);
                double light = gradient * (((down * (y + 0.5)) + (across * (x + 0.5))) / size - ((down + across) / 2));
                for (int c = 0; c < Channels; c++, k++)
                {
                    double value = background[c] + light + (coverage * contrast[c]) + (noise * random.NextNormal());
                    image[k] = (byte)Math.Round(255 * Math.Clamp(value, 0, 1));
                }
            }
        }
    }
}
