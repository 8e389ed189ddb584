using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Optimizers;

internal sealed unsafe class AdamUpdateSimd(SimdDevice device) : AdamUpdate(device)
{
    protected override void StepCore(
        Tensor<float> parameters,
        Tensor<float> gradients,
        Tensor<float> mean,
        Tensor<float> variance,
        Tensor<float> numbers,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay)
    {
        float* current = SimdDevice.Pointer(numbers);
        ElementwiseLoop.Run(
            device,
            parameters.Length,
            new Body(
                SimdDevice.Pointer(parameters),
                SimdDevice.Pointer(gradients),
                SimdDevice.Pointer(mean),
                SimdDevice.Pointer(variance),
                new AdamOperator.Constants(current[0], beta1, beta2, epsilon, weightDecay, current[1])));
    }

    private readonly struct Body(float* w, float* g, float* mean, float* variance, AdamOperator.Constants constants) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            TVector m = TSimd.Load(mean + index);
            TVector v = TSimd.Load(variance + index);
            TVector moved = AdamOperator.Step<TVector, TSimd>(TSimd.Load(w + index), TSimd.Load(g + index), ref m, ref v, constants);
            TSimd.Store(m, mean + index);
            TSimd.Store(v, variance + index);
            TSimd.Store(moved, w + index);
        }
    }
}
