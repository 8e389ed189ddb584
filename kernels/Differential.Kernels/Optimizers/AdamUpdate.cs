using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Optimizers;

/// <summary>
/// One step of Adam (Kingma and Ba 2015) over all parameters at once, as PyTorch defines it, with L2 weight decay
/// added to the gradient: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − η·(m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε).
/// </summary>
public abstract class AdamUpdate(ComputeDevice device) : Operation(device)
{
    public static AdamUpdate Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new AdamUpdateSimd(simd),
            IlgpuDevice ilgpu => new AdamUpdateIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(AdamUpdate)),
        };
    }

    /// <summary>The two numbers of a step that change: η / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ).</summary>
    /// <param name="step">t, from 1 on.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="beta1">β₁ in [0, 1).</param>
    /// <param name="beta2">β₂ in [0, 1).</param>
    public static (float Rate, float VarianceScale) Numbers(long step, float learningRate, float beta1, float beta2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        float firstCorrection = (float)(1 - Math.Pow(beta1, step));
        float secondCorrection = (float)(1 - Math.Pow(beta2, step));
        return (learningRate / firstCorrection, 1 / MathF.Sqrt(secondCorrection));
    }

    /// <param name="parameters">w, updated.</param>
    /// <param name="gradients">g.</param>
    /// <param name="mean">m, updated; zero before the first step.</param>
    /// <param name="variance">v, updated; zero before the first step.</param>
    /// <param name="numbers">[2], those of <see cref="Numbers"/>: in device memory, so that every step is the same work (<see cref="DeviceGraph"/>).</param>
    /// <param name="beta1">β₁ in [0, 1).</param>
    /// <param name="beta2">β₂ in [0, 1).</param>
    /// <param name="epsilon">ε &gt; 0.</param>
    /// <param name="weightDecay">λ.</param>
    public void Step(
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
        ArgumentNullException.ThrowIfNull(parameters);
        Check(parameters, 1, nameof(parameters));
        Check(gradients, parameters.Length, nameof(gradients));
        Check(mean, parameters.Length, nameof(mean));
        Check(variance, parameters.Length, nameof(variance));
        Check(numbers, 2, nameof(numbers));
        StepCore(parameters, gradients, mean, variance, numbers, beta1, beta2, epsilon, weightDecay);
    }

    /// <summary>w ← w − rate·m / (√v · varianceScale + ε) after the updates of m and v.</summary>
    protected abstract void StepCore(
        Tensor<float> parameters,
        Tensor<float> gradients,
        Tensor<float> mean,
        Tensor<float> variance,
        Tensor<float> numbers,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay);
}
