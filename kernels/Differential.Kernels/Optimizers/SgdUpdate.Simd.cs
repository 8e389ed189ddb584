using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Simd;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Optimizers;

internal sealed unsafe class SgdUpdateSimd(SimdDevice device) : SgdUpdate(device)
{
    protected override void StepCore(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> learningRate, float momentum, bool nesterov, float weightDecay)
    {
        float* w = SimdDevice.Pointer(parameters);
        float* g = SimdDevice.Pointer(gradients);
        float rate = *SimdDevice.Pointer(learningRate);
        if (momentum == 0)
        {
            ElementwiseLoop.Run(device, parameters.Length, new PlainBody(w, g, rate, weightDecay));
        }
        else
        {
            ElementwiseLoop.Run(device, parameters.Length, new MomentumBody(w, g, SimdDevice.Pointer(velocity), rate, momentum, nesterov, weightDecay));
        }
    }

    private readonly struct PlainBody(float* w, float* g, float learningRate, float weightDecay) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                SgdOperator.Plain<TVector, TSimd>(TSimd.Load(w + index), TSimd.Load(g + index), TSimd.Broadcast(learningRate), TSimd.Broadcast(weightDecay)),
                w + index);
    }

    private readonly struct MomentumBody(float* w, float* g, float* v, float learningRate, float momentum, bool nesterov, float weightDecay) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            TVector velocity = TSimd.Load(v + index);
            TVector moved = SgdOperator.Momentum<TVector, TSimd>(
                TSimd.Load(w + index),
                TSimd.Load(g + index),
                ref velocity,
                TSimd.Broadcast(learningRate),
                TSimd.Broadcast(momentum),
                nesterov,
                TSimd.Broadcast(weightDecay));
            TSimd.Store(velocity, v + index);
            TSimd.Store(moved, w + index);
        }
    }
}
