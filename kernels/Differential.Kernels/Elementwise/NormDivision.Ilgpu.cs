using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;
using ILGPU;

namespace Differential.Kernels.Elementwise;

internal sealed class NormDivisionIlgpu(IlgpuDevice device) : NormDivision(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> sigma, Tensor<float> y, int length) =>
        device.Load<Arguments>(Forward).LaunchElements(
            length, new(IlgpuDevice.View(x), IlgpuDevice.View(sigma), IlgpuDevice.View(x), IlgpuDevice.View(sigma), IlgpuDevice.View(y), length));

    protected override void BackwardCore(Tensor<float> dy, Tensor<float> dot, Tensor<float> dSigma, Tensor<float> sigma, Tensor<float> dx, int length) =>
        device.Load<Arguments>(Backward).LaunchElements(
            length, new(IlgpuDevice.View(dy), IlgpuDevice.View(dot), IlgpuDevice.View(dSigma), IlgpuDevice.View(sigma), IlgpuDevice.View(dx), length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = NormDivisionOperator.Forward<float, SimdScalar>(arguments.Source[i], NormDivisionOperator.Inverse(arguments.Sigma[0]));
        }
    }

    internal static void Backward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = NormDivisionOperator.Backward<float, SimdScalar>(
                arguments.Source[i], arguments.Dot[0], arguments.DSigma[i], NormDivisionOperator.Inverse(arguments.Sigma[0]));
        }
    }

    internal readonly struct Arguments(
        ArrayView<float> source, ArrayView<float> dot, ArrayView<float> dSigma, ArrayView<float> sigma, ArrayView<float> target, int length)
    {
        public readonly ArrayView<float> Source = source;
        public readonly ArrayView<float> Dot = dot;
        public readonly ArrayView<float> DSigma = dSigma;
        public readonly ArrayView<float> Sigma = sigma;
        public readonly ArrayView<float> Target = target;
        public readonly int Length = length;
    }
}
