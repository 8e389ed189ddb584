using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Rows;

/// <summary>
/// One thread per element. An index outside its tensor is known only on the device: a gathered row is then NaN, a
/// scattered one is dropped, and no memory outside the tensors is touched.
/// </summary>
internal sealed class RowGatherIlgpu(IlgpuDevice device) : RowGather(device)
{
    protected override void GatherCore(Tensor<byte> x, Tensor<int> rows, Tensor<float> y, int length, int count) =>
        device.Load<Arguments<byte>>(GatherBytes).LaunchElements((long)count * length, new(IlgpuDevice.View(x), IlgpuDevice.View(rows), IlgpuDevice.View(y), length, count, x.Length / length));

    protected override void GatherCore(Tensor<float> x, Tensor<int> rows, Tensor<float> y, int length, int count) =>
        device.Load<Arguments<float>>(GatherFloats).LaunchElements((long)count * length, new(IlgpuDevice.View(x), IlgpuDevice.View(rows), IlgpuDevice.View(y), length, count, x.Length / length));

    protected override void ScatterCore(Tensor<float> x, Tensor<int> rows, Tensor<float> y, int length, int count) =>
        device.Load<Arguments<float>>(Scatter).LaunchElements((long)count * length, new(IlgpuDevice.View(x), IlgpuDevice.View(rows), IlgpuDevice.View(y), length, count, y.Length / length));

    internal static void GatherBytes(Arguments<byte> arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Row.Value)
        {
            int source = Other(i, arguments.Rows, arguments.Row, arguments.Available);
            arguments.Y[i] = source >= 0 ? arguments.X[source] / 255f : float.NaN;
        }
    }

    internal static void GatherFloats(Arguments<float> arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Row.Value)
        {
            int source = Other(i, arguments.Rows, arguments.Row, arguments.Available);
            arguments.Y[i] = source >= 0 ? arguments.X[source] : float.NaN;
        }
    }

    internal static void Scatter(Arguments<float> arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Row.Value)
        {
            int target = Other(i, arguments.Rows, arguments.Row, arguments.Available);
            if (target >= 0)
            {
                arguments.Y[target] = arguments.X[i];
            }
        }
    }

    /// <summary>The element of the indexed row that belongs to element i of the packed rows, −1 where there is none.</summary>
    private static int Other(int i, ArrayView<int> rows, Divisor length, int available)
    {
        int packed = length.Divide(i);
        int row = rows[packed];
        return row >= 0 && row < available ? (row * length.Value) + i - (packed * length.Value) : -1;
    }

    internal readonly struct Arguments<T>(ArrayView<T> x, ArrayView<int> rows, ArrayView<float> y, int length, int count, int available)
        where T : unmanaged
    {
        public readonly ArrayView<T> X = x;
        public readonly ArrayView<int> Rows = rows;
        public readonly ArrayView<float> Y = y;
        public readonly Divisor Row = new(length);
        public readonly int Count = count;
        public readonly int Available = available;
    }
}
