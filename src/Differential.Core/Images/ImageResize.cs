namespace Differential.Core.Images;

/// <summary>
/// Images of another size, each axis by itself: by area averaging where it becomes smaller (a pixel is the mean of the part of the image that
/// it covers), bilinearly where it becomes larger (between the centres of pixels, the border's own value beyond them). The values are bytes as they are stored.
/// </summary>
internal static class ImageResize
{
    /// <param name="image">The image.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    public static DecodedImage To(DecodedImage image, int height, int width)
    {
        if (image.Height == height && image.Width == width)
        {
            return image;
        }

        int channels = image.Channels;
        (Taps[] rows, double across) = Axis(image.Height, height);
        (Taps[] columns, double along) = Axis(image.Width, width);
        double whole = across * along;
        var sums = new double[height * width * channels];
        var line = new double[width * channels];
        int first = 0;
        for (int y = 0; y < image.Height; y++)
        {
            Narrow(image.Pixels.AsSpan(y * image.Width * channels, image.Width * channels), columns, channels, line);
            while (first < height && rows[first].End <= y)
            {
                first++;
            }

            for (int row = first; row < height && rows[row].Start <= y; row++)
            {
                double weight = rows[row].Weights[y - rows[row].Start];
                Span<double> sum = sums.AsSpan(row * line.Length, line.Length);
                for (int i = 0; i < line.Length; i++)
                {
                    sum[i] += weight * line[i];
                }
            }
        }

        return new DecodedImage(height, width, channels, [.. sums.Select(sum => (byte)Math.Clamp(Math.Floor((sum / whole) + 0.5), 0, 255))]);
    }

    private static void Narrow(ReadOnlySpan<byte> pixels, Taps[] columns, int channels, double[] line)
    {
        for (int column = 0; column < columns.Length; column++)
        {
            Taps taps = columns[column];
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                for (int i = 0; i < taps.Weights.Length; i++)
                {
                    sum += taps.Weights[i] * pixels[((taps.Start + i) * channels) + c];
                }

                line[(column * channels) + c] = sum;
            }
        }
    }

    /// <summary>
    /// What each target place takes of which source places, and what the weights of a place add up to; starts and ends never go down. The
    /// weights of areas are whole numbers, so that the sums of bytes are exact.
    /// </summary>
    private static (Taps[] Places, double Whole) Axis(int source, int target)
    {
        double scale = (double)source / target;
        bool shrinks = target <= source;
        return ([.. Enumerable.Range(0, target).Select(i => shrinks ? Area(i) : Linear(i))], shrinks ? source : 1);

        Taps Area(int i)
        {
            // In whole numbers of 1 / target: the place i covers i·source to (i + 1)·source, the source's j covers j·target to (j + 1)·target.
            long low = (long)i * source;
            long high = low + source;
            int start = (int)(low / target);
            int end = (int)((high + target - 1) / target);
            return new Taps(start, [.. Enumerable.Range(start, end - start).Select(j => (double)(Math.Min(high, (j + 1L) * target) - Math.Max(low, (long)j * target)))]);
        }

        Taps Linear(int i)
        {
            double place = Math.Clamp(((i + 0.5) * scale) - 0.5, 0, source - 1);
            int start = Math.Min((int)place, Math.Max(source - 2, 0));
            return source == 1 ? new Taps(0, [1]) : new Taps(start, [1 - (place - start), place - start]);
        }
    }

    private readonly record struct Taps(int Start, double[] Weights)
    {
        public int End => Start + Weights.Length;
    }
}
