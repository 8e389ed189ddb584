using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

internal sealed class AdditionIlgpu(IlgpuDevice device) : Addition(device)
{
    protected override void ForwardCore(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length, float floor) =>
        device.Load<Arguments>(Forward).LaunchElements(length, new(IlgpuDevice.View(a), IlgpuDevice.View(b), IlgpuDevice.View(y), floor, length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Y[i] = SimdScalar.AtLeast(arguments.Floor, arguments.A[i] + arguments.B[i]);
        }
    }

    internal readonly struct Arguments(ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, float floor, int length)
    {
        public readonly ArrayView<float> A = a;
        public readonly ArrayView<float> B = b;
        public readonly ArrayView<float> Y = y;
        public readonly float Floor = floor;
        public readonly int Length = length;
    }
}
