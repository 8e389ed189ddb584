using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Optimizers;

/// <summary>
/// One step along the gradient divided by the loss, which is the gradient of the loss's logarithm, with the
/// momentum of Ji, Srebro and Telgarsky 2021 ('Fast margin maximization via dual acceleration'):
/// d = g / loss; v ← c·(v + d); w ← w − η·(v + d), where c = t/(t + 1) with Nesterov and 0 without (then w ← w − ηd).
/// </summary>
public abstract class NormalizedGradientUpdate(ComputeDevice device) : Operation(device)
{
    public static NormalizedGradientUpdate Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new NormalizedGradientUpdateSimd(simd),
            IlgpuDevice ilgpu => new NormalizedGradientUpdateIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(NormalizedGradientUpdate)),
        };
    }

    /// <param name="parameters">w, updated.</param>
    /// <param name="gradients">g.</param>
    /// <param name="velocity">v, updated; zero before the first step.</param>
    /// <param name="loss">[1], the mean loss whose gradient g is; where it is 0 nothing moves.</param>
    /// <param name="numbers">
    /// [2], η and c in [0, 1), where a plain momentum μ is given as is: in device memory, so that a step with others is the same work
    /// (<see cref="DeviceGraph"/>).
    /// </param>
    public void Step(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> loss, Tensor<float> numbers)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Check(parameters, 1, nameof(parameters));
        Check(gradients, parameters.Length, nameof(gradients));
        Check(velocity, parameters.Length, nameof(velocity));
        Check(loss, 1, nameof(loss));
        Check(numbers, 2, nameof(numbers));
        StepCore(parameters, gradients, velocity, loss, numbers);
    }

    protected abstract void StepCore(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> loss, Tensor<float> numbers);
}
