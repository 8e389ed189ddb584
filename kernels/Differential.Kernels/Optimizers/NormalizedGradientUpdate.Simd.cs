using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Optimizers;

internal sealed unsafe class NormalizedGradientUpdateSimd(SimdDevice device) : NormalizedGradientUpdate(device)
{
    protected override void StepCore(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> loss, Tensor<float> numbers)
    {
        float mean = *SimdDevice.Pointer(loss);
        float* rates = SimdDevice.Pointer(numbers);
        if (mean != 0)
        {
            ElementwiseLoop.Run(
                device,
                parameters.Length,
                new Body(SimdDevice.Pointer(parameters), SimdDevice.Pointer(gradients), SimdDevice.Pointer(velocity), mean, rates[0], rates[1]));
        }
    }

    private readonly struct Body(float* w, float* g, float* v, float loss, float learningRate, float carry) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            TVector velocity = TSimd.Load(v + index);
            TVector moved = NormalizedGradientOperator.Step<TVector, TSimd>(
                TSimd.Load(w + index), TSimd.Load(g + index), ref velocity, TSimd.Broadcast(loss), TSimd.Broadcast(learningRate), TSimd.Broadcast(carry));
            TSimd.Store(velocity, v + index);
            TSimd.Store(moved, w + index);
        }
    }
}
