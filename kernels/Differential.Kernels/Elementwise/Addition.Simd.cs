using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Elementwise;

internal sealed unsafe class AdditionSimd(SimdDevice device) : Addition(device)
{
    protected override void ForwardCore(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length, float floor) =>
        ElementwiseLoop.Run(device, length, new Body(SimdDevice.Pointer(a), SimdDevice.Pointer(b), SimdDevice.Pointer(y), floor));

    private readonly struct Body(float* a, float* b, float* y, float floor) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(TSimd.AtLeast(TSimd.Broadcast(floor), TSimd.Add(TSimd.Load(a + index), TSimd.Load(b + index))), y + index);
    }
}
