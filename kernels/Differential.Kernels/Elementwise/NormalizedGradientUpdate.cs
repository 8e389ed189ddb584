using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>
/// One step along the gradient divided by the loss, which is the gradient of the loss's logarithm, with the
/// momentum of Ji, Srebro and Telgarsky 2021 ('Fast margin maximization via dual acceleration'):
/// d = g / loss; v ← c·(v + d); w ← w − η·(v + d), where c = t/(t + 1) with Nesterov and 0 without (then w ← w − ηd).
/// </summary>
public abstract class NormalizedGradientUpdate(ComputeDevice device) : Operation(device)
{
    public static NormalizedGradientUpdate Create(ComputeDevice device) => device switch
    {
        SimdDevice simd => new NormalizedGradientUpdateSimd(simd),
        IlgpuDevice ilgpu => new NormalizedGradientUpdateIlgpu(ilgpu),
        _ => throw NoKernel(device, nameof(NormalizedGradientUpdate)),
    };

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

/// <summary>One parameter's step of <see cref="NormalizedGradientUpdate"/>, for every device.</summary>
internal static class NormalizedGradientOperator
{
    /// <summary>d = g / loss; v ← c·(v + d); w − η·(v + d), with the new v.</summary>
    public static TVector Step<TVector, TSimd>(TVector w, TVector g, ref TVector v, TVector loss, TVector learningRate, TVector carry)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector d = TSimd.Divide(g, loss);
        v = TSimd.Multiply(carry, TSimd.Add(v, d));
        return TSimd.Subtract(w, TSimd.Multiply(learningRate, TSimd.Add(v, d)));
    }
}

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

/// <summary>The loss stays on the device: the host never waits for it.</summary>
internal sealed class NormalizedGradientUpdateIlgpu(IlgpuDevice device) : NormalizedGradientUpdate(device)
{
    protected override void StepCore(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> loss, Tensor<float> numbers) =>
        device.Load<Arguments>(Run).LaunchElements(
            parameters.Length,
            new(IlgpuDevice.View(parameters), IlgpuDevice.View(gradients), IlgpuDevice.View(velocity), IlgpuDevice.View(loss), IlgpuDevice.View(numbers)));

    internal static void Run(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Weights.IntLength && arguments.Loss[0] != 0)
        {
            float velocity = arguments.Velocity[i];
            arguments.Weights[i] = NormalizedGradientOperator.Step<float, SimdScalar>(
                arguments.Weights[i], arguments.Gradients[i], ref velocity, arguments.Loss[0], arguments.Numbers[0], arguments.Numbers[1]);
            arguments.Velocity[i] = velocity;
        }
    }

    internal readonly struct Arguments(ArrayView<float> weights, ArrayView<float> gradients, ArrayView<float> velocity, ArrayView<float> loss, ArrayView<float> numbers)
    {
        public readonly ArrayView<float> Weights = weights;
        public readonly ArrayView<float> Gradients = gradients;
        public readonly ArrayView<float> Velocity = velocity;
        public readonly ArrayView<float> Loss = loss;
        public readonly ArrayView<float> Numbers = numbers;
    }
}
