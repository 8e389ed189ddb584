using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Kernels;

/// <summary>
/// How far direct and fast convolutions are from sums in double precision, for the layers of <c>cnn</c>, of <c>resNet18</c> and of <c>lipschitz</c>: the root of the mean
/// square, over that of the values, and the largest, over the largest value. Of outputs and gradients drawn at random; inputs and
/// weights are uniform in [−1, 1).
/// </summary>
internal static class ConvolutionErrors
{
    private const int Images = 16;
    private const int Drawn = 4_000;

    private static readonly Conv2dGeometry[] Layers =
    [
        new(32, 32, 32, 32, 3, 1, 1), new(16, 16, 32, 64, 3, 1, 1), new(16, 16, 64, 64, 3, 1, 1),
        new(32, 32, 64, 64, 3, 1, 1), new(16, 16, 128, 128, 3, 1, 1), new(8, 8, 256, 256, 3, 1, 1), new(4, 4, 512, 512, 3, 1, 1),
        new(32, 32, 32, 32, 4, 2, 1), new(16, 16, 64, 64, 4, 2, 1),
    ];

    public static void Write(TextWriter output)
    {
        using var device = new SimdDevice();
        output.WriteLine("| Layer | Direction | direct: rms | largest | fast: rms | largest |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (Conv2dGeometry layer in Layers)
        {
            var operands = new Operands(layer);
            Errors[] direct = Measure(device, operands, ConvolutionMethod.Direct), fast = Measure(device, operands, ConvolutionMethod.Fast);
            foreach (Direction direction in Enum.GetValues<Direction>())
            {
                (Errors d, Errors f) = (direct[(int)direction], fast[(int)direction]);
                output.WriteLine(FormattableString.Invariant(
                    $"| {layer.Channels} → {layer.Filters} at {layer.Height} × {layer.Width}, {layer.Size} × {layer.Size} | {direction} | {d.Rms:0.0E+0} | {d.Largest:0.0E+0} | {f.Rms:0.0E+0} | {f.Largest:0.0E+0} |"));
            }
        }
    }

    private static Errors[] Measure(SimdDevice device, Operands o, ConvolutionMethod method)
    {
        var room = new Room(device);
        Conv2d operation = room.Own(Conv2d.Create(device, o.Layer, Images, method));
        Tensor<float> x = room.Of(o.X), w = room.Of(o.W), dy = room.Of(o.Dy), y = room.Zero(o.Dy.Length), dx = room.Zero(o.X.Length), dw = room.Zero(o.W.Length);
        operation.Forward(x, w, null, false, y, Images);
        operation.BackwardInput(dy, w, dx, Images);
        operation.BackwardWeight(x, dy, dw, null, Images);
        Errors[] errors = [Errors.Of(y.ToArray(), o.Forward), Errors.Of(dx.ToArray(), o.InputGradient), Errors.Of(dw.ToArray(), o.WeightGradient)];
        foreach (IDisposable owned in room.Owned)
        {
            owned.Dispose();
        }

        return errors;
    }

    private readonly record struct Errors(double Rms, double Largest)
    {
        public static Errors Of(float[] values, Func<int, double> exact)
        {
            var random = new Random(values.Length);
            double squares = 0, size = 0, worst = 0, largest = 0;
            for (int i = 0; i < Drawn; i++)
            {
                int at = random.Next(values.Length);
                double right = exact(at), error = values[at] - right;
                squares += error * error;
                size += right * right;
                worst = Math.Max(worst, Math.Abs(error));
                largest = Math.Max(largest, Math.Abs(right));
            }

            return new Errors(Math.Sqrt(squares / size), worst / largest);
        }
    }

    /// <summary>Operands of a layer, and single results in double precision.</summary>
    private sealed class Operands(Conv2dGeometry g)
    {
        public Conv2dGeometry Layer => g;

        public float[] X { get; } = Uniform(Images * g.InputLength, 1);

        public float[] W { get; } = Uniform(g.WeightLength, 2);

        public float[] Dy { get; } = Uniform(Images * g.OutputLength, 3);

        public double Forward(int at)
        {
            (int image, int row, int column, int filter) = Place(at, g.OutputHeight, g.OutputWidth, g.Filters);
            double sum = 0;
            for (int tap = 0; tap < g.Size * g.Size; tap++)
            {
                for (int channel = 0; channel < g.Channels; channel++)
                {
                    sum += Input(image, (row * g.Stride) + (tap / g.Size) - g.Padding, (column * g.Stride) + (tap % g.Size) - g.Padding, channel) * Weight(filter, channel, tap);
                }
            }

            return sum;
        }

        public double InputGradient(int at)
        {
            (int image, int row, int column, int channel) = Place(at, g.Height, g.Width, g.Channels);
            double sum = 0;
            for (int tap = 0; tap < g.Size * g.Size; tap++)
            {
                for (int filter = 0; filter < g.Filters; filter++)
                {
                    sum += Seen(image, row + g.Padding - (tap / g.Size), column + g.Padding - (tap % g.Size), filter) * Weight(filter, channel, tap);
                }
            }

            return sum;
        }

        public double WeightGradient(int at)
        {
            int taps = g.Size * g.Size, tap = at % taps, channel = at / taps % g.Channels, filter = at / taps / g.Channels;
            double sum = 0;
            for (int image = 0; image < Images; image++)
            {
                for (int row = 0; row < g.OutputHeight; row++)
                {
                    for (int column = 0; column < g.OutputWidth; column++)
                    {
                        sum += Input(image, (row * g.Stride) + (tap / g.Size) - g.Padding, (column * g.Stride) + (tap % g.Size) - g.Padding, channel) * Gradient(image, row, column, filter);
                    }
                }
            }

            return sum;
        }

        private static (int Image, int Row, int Column, int Channel) Place(int at, int height, int width, int channels) =>
            (at / channels / width / height, at / channels / width % height, at / channels % width, at % channels);

        private static float[] Uniform(int length, int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, length).Select(_ => (2 * random.NextSingle()) - 1)];
        }

        private double Input(int image, int row, int column, int channel) =>
            (uint)row < (uint)g.Height && (uint)column < (uint)g.Width ? X[(((((image * g.Height) + row) * g.Width) + column) * g.Channels) + channel] : 0;

        // Of the output whose window begins there, where there is one.
        private double Seen(int image, int row, int column, int filter) =>
            row % g.Stride == 0 && column % g.Stride == 0 ? Gradient(image, row / g.Stride, column / g.Stride, filter) : 0;

        private double Gradient(int image, int row, int column, int filter) =>
            (uint)row < (uint)g.OutputHeight && (uint)column < (uint)g.OutputWidth ? Dy[(((((image * g.OutputHeight) + row) * g.OutputWidth) + column) * g.Filters) + filter] : 0;

        private double Weight(int filter, int channel, int tap) => W[(((filter * g.Channels) + channel) * g.Size * g.Size) + tap];
    }
}
