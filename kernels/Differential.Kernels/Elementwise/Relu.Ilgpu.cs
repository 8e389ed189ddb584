using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;
using ILGPU;

namespace Differential.Kernels.Elementwise;

internal sealed class ReluIlgpu(IlgpuDevice device) : Relu(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int length) =>
        device.Load<Arguments>(Forward).LaunchElements(length, new(IlgpuDevice.View(x), IlgpuDevice.View(x), IlgpuDevice.View(y), length));

    protected override void BackwardCore(Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int length) =>
        device.Load<Arguments>(Backward).LaunchElements(length, new(IlgpuDevice.View(y), IlgpuDevice.View(dy), IlgpuDevice.View(dx), length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = ReluOperator.Forward<float, SimdScalar>(arguments.Value[i]);
        }
    }

    internal static void Backward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = ReluOperator.Backward<float, SimdScalar>(arguments.Value[i], arguments.Gradient[i]);
        }
    }

    internal readonly struct Arguments(ArrayView<float> value, ArrayView<float> gradient, ArrayView<float> target, int length)
    {
        public readonly ArrayView<float> Value = value;
        public readonly ArrayView<float> Gradient = gradient;
        public readonly ArrayView<float> Target = target;
        public readonly int Length = length;
    }
}
