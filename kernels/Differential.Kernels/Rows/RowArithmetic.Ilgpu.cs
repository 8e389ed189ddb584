using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>Each call is one launch.</summary>
internal sealed class RowArithmeticIlgpu(IlgpuDevice device, int length, int maxCount) : RowArithmetic(device, length, maxCount)
{
    protected override void ClipCore(Tensor<float> x, float low, float high, int count) =>
        device.Load<RowArguments>(RowKernels.Clip).LaunchElements((long)count * Length, RowArguments.Of(Length, x, x, x, x, x, count, low, high));

    protected override void NormsCore(Tensor<float> x, Tensor<float>? y, RowNorm norm, Tensor<float> norms, int count)
    {
        RowArguments arguments = RowArguments.Of(Length, x, y ?? x, x, norms, norms, count);
        arguments.HasY = y is null ? 0 : 1;
        IlgpuKernel<RowArguments> kernel = norm switch
        {
            RowNorm.Linf => device.Load<RowArguments>(RowKernels.NormLinf),
            RowNorm.L2 => device.Load<RowArguments>(RowKernels.NormL2),
            _ => device.Load<RowArguments>(RowKernels.NormL1),
        };
        kernel.LaunchRows(count, arguments);
    }

    protected override void DotsCore(Tensor<float> x, Tensor<float> y, Tensor<float> dots, int count) =>
        device.Load<RowArguments>(RowKernels.Dot).LaunchRows(count, RowArguments.Of(Length, x, y, x, dots, dots, count));

    protected override void CombineCore(Tensor<float> a, Tensor<float> x, Tensor<float> b, Tensor<float> y, Tensor<float> z, int count) =>
        device.Load<RowArguments>(RowKernels.Combine).LaunchElements((long)count * Length, RowArguments.Of(Length, x, y, z, a, b, count));
}
