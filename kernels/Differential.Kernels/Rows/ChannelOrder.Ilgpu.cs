using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Rows;

internal sealed class ChannelOrderIlgpu(IlgpuDevice device, int pixels, int channels) : ChannelOrder(device, pixels, channels)
{
    protected override void ToChannelsFirstCore(Tensor<float> x, Tensor<float> y, int count) => Transpose(x, y, Pixels, Channels, count);

    protected override void ToChannelsLastCore(Tensor<float> x, Tensor<float> y, int count) => Transpose(x, y, Channels, Pixels, count);

    /// <summary>Each matrix [rows, columns] becomes [columns, rows]: one thread per element written.</summary>
    internal static void Run(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= arguments.Length)
        {
            return;
        }

        int line = arguments.Rows.Divide(i);
        int row = i - (line * arguments.Rows.Value);
        int matrix = arguments.Columns.Divide(line);
        int column = line - (matrix * arguments.Columns.Value);
        arguments.Target[i] = arguments.Source[(((matrix * arguments.Rows.Value) + row) * arguments.Columns.Value) + column];
    }

    private void Transpose(Tensor<float> x, Tensor<float> y, int rows, int columns, int count)
    {
        int length = count * rows * columns;
        device.Load<Arguments>(Run).LaunchElements(length, new(IlgpuDevice.View(x), IlgpuDevice.View(y), rows, columns, length));
    }

    internal readonly struct Arguments(ArrayView<float> source, ArrayView<float> target, int rows, int columns, int length)
    {
        public readonly ArrayView<float> Source = source;
        public readonly ArrayView<float> Target = target;
        public readonly Divisor Rows = new(rows);
        public readonly Divisor Columns = new(columns);
        public readonly int Length = length;
    }
}
