using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Elementwise;

internal sealed unsafe class ReluSimd(SimdDevice device) : Relu(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int length) =>
        ElementwiseLoop.Run(device, length, new ForwardBody(SimdDevice.Pointer(x), SimdDevice.Pointer(y)));

    protected override void BackwardCore(Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int length) =>
        ElementwiseLoop.Run(device, length, new BackwardBody(SimdDevice.Pointer(y), SimdDevice.Pointer(dy), SimdDevice.Pointer(dx)));

    private readonly struct ForwardBody(float* x, float* y) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(ReluOperator.Forward<TVector, TSimd>(TSimd.Load(x + index)), y + index);
    }

    private readonly struct BackwardBody(float* y, float* dy, float* dx) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(ReluOperator.Backward<TVector, TSimd>(TSimd.Load(y + index), TSimd.Load(dy + index)), dx + index);
    }
}
