using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Elementwise;

internal sealed unsafe class NormDivisionSimd(SimdDevice device) : NormDivision(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> sigma, Tensor<float> y, int length) =>
        ElementwiseLoop.Run(device, length, new ForwardBody(SimdDevice.Pointer(x), NormDivisionOperator.Inverse(*SimdDevice.Pointer(sigma)), SimdDevice.Pointer(y)));

    protected override void BackwardCore(Tensor<float> dy, Tensor<float> dot, Tensor<float> dSigma, Tensor<float> sigma, Tensor<float> dx, int length) =>
        ElementwiseLoop.Run(
            device,
            length,
            new BackwardBody(
                SimdDevice.Pointer(dy),
                *SimdDevice.Pointer(dot),
                SimdDevice.Pointer(dSigma),
                NormDivisionOperator.Inverse(*SimdDevice.Pointer(sigma)),
                SimdDevice.Pointer(dx)));

    private readonly struct ForwardBody(float* x, float inverse, float* y) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(NormDivisionOperator.Forward<TVector, TSimd>(TSimd.Load(x + index), TSimd.Broadcast(inverse)), y + index);
    }

    private readonly struct BackwardBody(float* dy, float dot, float* dSigma, float inverse, float* dx) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                NormDivisionOperator.Backward<TVector, TSimd>(
                    TSimd.Load(dy + index), TSimd.Broadcast(dot), TSimd.Load(dSigma + index), TSimd.Broadcast(inverse)),
                dx + index);
    }
}
