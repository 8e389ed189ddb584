using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Optimizers;

/// <summary>
/// One step of stochastic gradient descent over all parameters at once, as PyTorch defines it: g ← g + λw;
/// v ← μv + g (v ← g at the first step); d = g + μv with Nesterov, else v; w ← w − ηd. Without momentum d = g.
/// </summary>
public abstract class SgdUpdate(ComputeDevice device) : Operation(device)
{
    public static SgdUpdate Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new SgdUpdateSimd(simd),
            IlgpuDevice ilgpu => new SgdUpdateIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(SgdUpdate)),
        };
    }

    /// <param name="parameters">w, updated.</param>
    /// <param name="gradients">g, of the same length.</param>
    /// <param name="velocity">v, updated; zero before the first step.</param>
    /// <param name="learningRate">[1], η: in device memory, so that a step with another one is the same work (<see cref="DeviceGraph"/>).</param>
    /// <param name="momentum">μ in [0, 1).</param>
    /// <param name="nesterov">Nesterov's form.</param>
    /// <param name="weightDecay">λ.</param>
    public void Step(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> learningRate, float momentum, bool nesterov, float weightDecay)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Check(parameters, 1, nameof(parameters));
        Check(gradients, parameters.Length, nameof(gradients));
        Check(velocity, parameters.Length, nameof(velocity));
        Check(learningRate, 1, nameof(learningRate));
        StepCore(parameters, gradients, velocity, learningRate, momentum, nesterov, weightDecay);
    }

    protected abstract void StepCore(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> learningRate, float momentum, bool nesterov, float weightDecay);
}
