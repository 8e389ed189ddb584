using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>
/// One step of stochastic gradient descent over all parameters at once, as PyTorch defines it: g ← g + λw;
/// v ← μv + g (v ← g at the first step); d = g + μv with Nesterov, else v; w ← w − ηd. Without momentum d = g.
/// </summary>
public abstract class SgdUpdate(ComputeDevice device) : Operation(device)
{
    public static SgdUpdate Create(ComputeDevice device) => device switch
    {
        SimdDevice simd => new SgdUpdateSimd(simd),
        IlgpuDevice ilgpu => new SgdUpdateIlgpu(ilgpu),
        _ => throw NoKernel(device, nameof(SgdUpdate)),
    };

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

/// <summary>One parameter's step of <see cref="SgdUpdate"/>, for every device.</summary>
internal static class SgdOperator
{
    /// <summary>Without momentum: w − η·(g + λw).</summary>
    public static TVector Plain<TVector, TSimd>(TVector w, TVector g, TVector learningRate, TVector weightDecay)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> =>
        TSimd.Subtract(w, TSimd.Multiply(learningRate, Decayed<TVector, TSimd>(w, g, weightDecay)));

    /// <summary>v ← μv + g + λw; w − η·v, with Nesterov w − η·(g + λw + μv).</summary>
    public static TVector Momentum<TVector, TSimd>(TVector w, TVector g, ref TVector v, TVector learningRate, TVector momentum, bool nesterov, TVector weightDecay)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        g = Decayed<TVector, TSimd>(w, g, weightDecay);
        v = TSimd.Add(TSimd.Multiply(momentum, v), g);
        TVector direction = nesterov ? TSimd.Add(g, TSimd.Multiply(momentum, v)) : v;
        return TSimd.Subtract(w, TSimd.Multiply(learningRate, direction));
    }

    private static TVector Decayed<TVector, TSimd>(TVector w, TVector g, TVector weightDecay)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Add(g, TSimd.Multiply(weightDecay, w));
}

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

internal sealed class SgdUpdateIlgpu(IlgpuDevice device) : SgdUpdate(device)
{
    protected override void StepCore(Tensor<float> parameters, Tensor<float> gradients, Tensor<float> velocity, Tensor<float> learningRate, float momentum, bool nesterov, float weightDecay)
    {
        Arguments arguments = new(IlgpuDevice.View(parameters), IlgpuDevice.View(gradients), IlgpuDevice.View(velocity), IlgpuDevice.View(learningRate), momentum, nesterov, weightDecay);
        device.Load<Arguments>(momentum == 0 ? Plain : WithMomentum).LaunchElements(parameters.Length, arguments);
    }

    internal static void Plain(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Weights.IntLength)
        {
            arguments.Weights[i] = SgdOperator.Plain<float, SimdScalar>(arguments.Weights[i], arguments.Gradients[i], arguments.LearningRate[0], arguments.WeightDecay);
        }
    }

    internal static void WithMomentum(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Weights.IntLength)
        {
            float velocity = arguments.Velocity[i];
            arguments.Weights[i] = SgdOperator.Momentum<float, SimdScalar>(
                arguments.Weights[i], arguments.Gradients[i], ref velocity, arguments.LearningRate[0], arguments.Momentum, arguments.Nesterov != 0, arguments.WeightDecay);
            arguments.Velocity[i] = velocity;
        }
    }

    internal readonly struct Arguments(ArrayView<float> weights, ArrayView<float> gradients, ArrayView<float> velocity, ArrayView<float> learningRate, float momentum, bool nesterov, float weightDecay)
    {
        public readonly ArrayView<float> Weights = weights;
        public readonly ArrayView<float> Gradients = gradients;
        public readonly ArrayView<float> Velocity = velocity;
        public readonly ArrayView<float> LearningRate = learningRate;
        public readonly float Momentum = momentum;
        public readonly int Nesterov = nesterov ? 1 : 0;
        public readonly float WeightDecay = weightDecay;
    }
}
