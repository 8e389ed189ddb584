using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>
/// One step of Adam (Kingma and Ba 2015) over all parameters at once, as PyTorch defines it, with L2 weight decay
/// added to the gradient: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − η·(m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε).
/// </summary>
public abstract class AdamUpdate(ComputeDevice device) : Operation(device)
{
    public static AdamUpdate Create(ComputeDevice device) => device switch
    {
        SimdDevice simd => new AdamUpdateSimd(simd),
        IlgpuDevice ilgpu => new AdamUpdateIlgpu(ilgpu),
        _ => throw NoKernel(device, nameof(AdamUpdate)),
    };

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

/// <summary>One parameter's step of <see cref="AdamUpdate"/>, for every device.</summary>
internal static class AdamOperator
{
    /// <summary>The constants of a step: w ← w − rate·m / (√v · varianceScale + ε).</summary>
    internal readonly record struct Constants(float Rate, float Beta1, float Beta2, float Epsilon, float WeightDecay, float VarianceScale);

    public static TVector Step<TVector, TSimd>(TVector w, TVector g, ref TVector mean, ref TVector variance, Constants c)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        g = TSimd.Add(g, TSimd.Multiply(TSimd.Broadcast(c.WeightDecay), w));
        mean = TSimd.Add(TSimd.Multiply(TSimd.Broadcast(c.Beta1), mean), TSimd.Multiply(TSimd.Broadcast(1 - c.Beta1), g));
        variance = TSimd.Add(
            TSimd.Multiply(TSimd.Broadcast(c.Beta2), variance),
            TSimd.Multiply(TSimd.Multiply(TSimd.Broadcast(1 - c.Beta2), g), g));
        TVector scale = TSimd.Add(TSimd.Multiply(TSimd.Sqrt(variance), TSimd.Broadcast(c.VarianceScale)), TSimd.Broadcast(c.Epsilon));
        return TSimd.Subtract(w, TSimd.Divide(TSimd.Multiply(TSimd.Broadcast(c.Rate), mean), scale));
    }
}

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

internal sealed class AdamUpdateIlgpu(IlgpuDevice device) : AdamUpdate(device)
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
        float weightDecay) =>
        device.Load<Arguments>(Run).LaunchElements(
            parameters.Length,
            new(
                IlgpuDevice.View(parameters),
                IlgpuDevice.View(gradients),
                IlgpuDevice.View(mean),
                IlgpuDevice.View(variance),
                IlgpuDevice.View(numbers),
                beta1,
                beta2,
                epsilon,
                weightDecay));

    internal static void Run(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Weights.IntLength)
        {
            var constants = new AdamOperator.Constants(arguments.Numbers[0], arguments.Beta1, arguments.Beta2, arguments.Epsilon, arguments.WeightDecay, arguments.Numbers[1]);
            float mean = arguments.Mean[i];
            float variance = arguments.Variance[i];
            arguments.Weights[i] = AdamOperator.Step<float, SimdScalar>(arguments.Weights[i], arguments.Gradients[i], ref mean, ref variance, constants);
            arguments.Mean[i] = mean;
            arguments.Variance[i] = variance;
        }
    }

    internal readonly struct Arguments(
        ArrayView<float> weights,
        ArrayView<float> gradients,
        ArrayView<float> mean,
        ArrayView<float> variance,
        ArrayView<float> numbers,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay)
    {
        public readonly ArrayView<float> Weights = weights;
        public readonly ArrayView<float> Gradients = gradients;
        public readonly ArrayView<float> Mean = mean;
        public readonly ArrayView<float> Variance = variance;
        public readonly ArrayView<float> Numbers = numbers;
        public readonly float Beta1 = beta1;
        public readonly float Beta2 = beta2;
        public readonly float Epsilon = epsilon;
        public readonly float WeightDecay = weightDecay;
    }
}
