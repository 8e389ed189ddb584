using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Pooling;

/// <summary>
/// Forward one thread per output; backward one thread per input, which adds up the windows it lies in, so that
/// overlapping windows need no atomics.
/// </summary>
internal sealed class Pool2dIlgpu(IlgpuDevice device, PoolKind kind, Pool2dGeometry geometry) : Pool2d(device, kind, geometry)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int count) =>
        device.Load<Arguments>(Kind == PoolKind.Max ? MaxForward : AverageForward)
            .LaunchElements((long)count * Geometry.OutputLength, new(IlgpuDevice.View(x), IlgpuDevice.View(y), IlgpuDevice.View(y), Geometry, count));

    protected override void BackwardCore(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
        device.Load<Arguments>(Kind == PoolKind.Max ? MaxBackward : AverageBackward)
            .LaunchElements((long)count * Geometry.InputLength, new(IlgpuDevice.View(x), IlgpuDevice.View(dy), IlgpuDevice.View(dx), Geometry, count));

    internal static void MaxForward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Geometry.OutputLength)
        {
            arguments.Target[i] = arguments.X[Largest(arguments, i)];
        }
    }

    internal static void AverageForward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= arguments.Count * arguments.Geometry.OutputLength)
        {
            return;
        }

        int corner = Corner(arguments, i);
        float sum = 0;
        for (int row = 0; row < arguments.Geometry.Size; row++)
        {
            for (int column = 0; column < arguments.Geometry.Size; column++)
            {
                sum += arguments.X[corner + (((row * arguments.Geometry.Width) + column) * arguments.Channels.Value)];
            }
        }

        arguments.Target[i] = sum / (arguments.Geometry.Size * arguments.Geometry.Size);
    }

    internal static void MaxBackward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Geometry.InputLength)
        {
            arguments.Target[i] = Gather(arguments, i, largestOnly: true);
        }
    }

    internal static void AverageBackward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Geometry.InputLength)
        {
            arguments.Target[i] = Gather(arguments, i, largestOnly: false) / (arguments.Geometry.Size * arguments.Geometry.Size);
        }
    }

    /// <summary>The sum of the gradients of the windows that input i lies in, or of those whose largest it is.</summary>
    private static float Gather(in Arguments arguments, int i, bool largestOnly)
    {
        int pixel = arguments.Channels.Divide(i);
        int channel = i - (pixel * arguments.Channels.Value);
        int line = arguments.Width.Divide(pixel);
        int column = pixel - (line * arguments.Width.Value);
        int image = arguments.Height.Divide(line);
        int row = line - (image * arguments.Height.Value);
        int size = arguments.Geometry.Size;
        int firstRow = Math.Max(0, arguments.Stride.Divide(Math.Max(0, row - size + arguments.Stride.Value)));
        int lastRow = Math.Min(arguments.Geometry.OutputHeight - 1, arguments.Stride.Divide(row));
        int firstColumn = Math.Max(0, arguments.Stride.Divide(Math.Max(0, column - size + arguments.Stride.Value)));
        int lastColumn = Math.Min(arguments.Geometry.OutputWidth - 1, arguments.Stride.Divide(column));
        float sum = 0;
        for (int outputRow = firstRow; outputRow <= lastRow; outputRow++)
        {
            for (int outputColumn = firstColumn; outputColumn <= lastColumn; outputColumn++)
            {
                int output = (((((image * arguments.Geometry.OutputHeight) + outputRow) * arguments.Geometry.OutputWidth) + outputColumn) * arguments.Channels.Value) + channel;
                if (!largestOnly || Largest(arguments, output) == i)
                {
                    sum += arguments.Dy[output];
                }
            }
        }

        return sum;
    }

    /// <summary>Where the largest input of an output's window lies: the first one in row order; a NaN counts as largest.</summary>
    private static int Largest(in Arguments arguments, int output)
    {
        int corner = Corner(arguments, output);
        int best = corner;
        float largest = arguments.X[corner];
        for (int row = 0; row < arguments.Geometry.Size; row++)
        {
            for (int column = 0; column < arguments.Geometry.Size; column++)
            {
                int index = corner + (((row * arguments.Geometry.Width) + column) * arguments.Channels.Value);
                float value = arguments.X[index];
                if (value > largest || float.IsNaN(value))
                {
                    best = index;
                    largest = value;
                }
            }
        }

        return best;
    }

    /// <summary>The first input of an output's window.</summary>
    private static int Corner(in Arguments arguments, int output)
    {
        int pixel = arguments.Channels.Divide(output);
        int channel = output - (pixel * arguments.Channels.Value);
        int line = arguments.OutputWidth.Divide(pixel);
        int column = pixel - (line * arguments.OutputWidth.Value);
        int image = arguments.OutputHeight.Divide(line);
        int row = line - (image * arguments.OutputHeight.Value);
        int inputLine = (image * arguments.Geometry.Height) + (row * arguments.Geometry.Stride);
        return (((inputLine * arguments.Geometry.Width) + (column * arguments.Geometry.Stride)) * arguments.Channels.Value) + channel;
    }

    internal readonly struct Arguments(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> target, Pool2dGeometry geometry, int count)
    {
        public readonly ArrayView<float> X = x;
        public readonly ArrayView<float> Dy = dy;
        public readonly ArrayView<float> Target = target;
        public readonly Pool2dGeometry Geometry = geometry;
        public readonly int Count = count;
        public readonly Divisor Channels = new(geometry.Channels);
        public readonly Divisor Width = new(geometry.Width);
        public readonly Divisor Height = new(geometry.Height);
        public readonly Divisor OutputWidth = new(geometry.OutputWidth);
        public readonly Divisor OutputHeight = new(geometry.OutputHeight);
        public readonly Divisor Stride = new(geometry.Stride);
    }
}
