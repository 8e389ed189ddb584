using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>y = f(x) and its gradient, element by element, for the functions of <see cref="ActivationKind"/>. NaN stays NaN. y may be x, dx may be dy.</summary>
/// <param name="device">Where it is computed.</param>
/// <param name="kind">The function.</param>
/// <param name="a">Its first constant.</param>
/// <param name="b">Its second constant.</param>
public abstract class Activation(ComputeDevice device, ActivationKind kind, float a, float b) : Operation(device)
{
    public ActivationKind Kind { get; } = kind;

    protected float A { get; } = a;

    protected float B { get; } = b;

    /// <param name="device">Where it is computed.</param>
    /// <param name="kind">The function.</param>
    /// <param name="a">Its first constant, where it has one.</param>
    /// <param name="b">Its second constant, where it has one.</param>
    public static Activation Create(ComputeDevice device, ActivationKind kind, float a = 0, float b = 0) => device switch
    {
        SimdDevice simd => new ActivationSimd(simd, kind, a, b),
        IlgpuDevice ilgpu => new ActivationIlgpu(ilgpu, kind, a, b),
        _ => throw NoKernel(device, nameof(Activation)),
    };

    public void Forward(Tensor<float> x, Tensor<float> y, int length)
    {
        Check(x, length, nameof(x));
        Check(y, length, nameof(y));
        ForwardCore(x, y, length);
    }

    /// <summary>dx = dy · f′(x).</summary>
    public void Backward(Tensor<float> x, Tensor<float> dy, Tensor<float> dx, int length)
    {
        Check(x, length, nameof(x));
        Check(dy, length, nameof(dy));
        Check(dx, length, nameof(dx));
        BackwardCore(x, dy, dx, length);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> y, int length);

    protected abstract void BackwardCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dx, int length);
}

internal sealed unsafe class ActivationSimd(SimdDevice device, ActivationKind kind, float a, float b) : Activation(device, kind, a, b)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int length)
    {
        if (Kind == ActivationKind.Clip)
        {
            ElementwiseLoop.Run(device, length, new ClipBody(SimdDevice.Pointer(x), A, B, SimdDevice.Pointer(y)));
            return;
        }

        device.For(Chunks(length), new Values(Kind, A, B, SimdDevice.Pointer(x), null, SimdDevice.Pointer(y), length));
    }

    protected override void BackwardCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dx, int length)
    {
        if (Kind == ActivationKind.Clip)
        {
            ElementwiseLoop.Run(device, length, new ClipGradientBody(SimdDevice.Pointer(x), A, B, SimdDevice.Pointer(dy), SimdDevice.Pointer(dx)));
            return;
        }

        device.For(Chunks(length), new Values(Kind, A, B, SimdDevice.Pointer(x), SimdDevice.Pointer(dy), SimdDevice.Pointer(dx), length));
    }

    private static int Chunks(int length) => (int)(((long)length + ElementwiseLoop.ChunkLength - 1) / ElementwiseLoop.ChunkLength);

    private readonly struct ClipBody(float* x, float low, float high, float* y) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(TSimd.AtMost(TSimd.Broadcast(high), TSimd.AtLeast(TSimd.Broadcast(low), TSimd.Load(x + index))), y + index);
    }

    private readonly struct ClipGradientBody(float* x, float low, float high, float* dy, float* dx) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            TVector value = TSimd.Load(x + index);
            TVector above = TSimd.WherePositive(TSimd.Subtract(value, TSimd.Broadcast(low)), TSimd.Load(dy + index));
            TSimd.Store(TSimd.WherePositive(TSimd.Subtract(TSimd.Broadcast(high), value), above), dx + index);
        }
    }

    /// <summary>f(x), or dy · f′(x) where there is a dy; one element at a time.</summary>
    private readonly struct Values(ActivationKind kind, float a, float b, float* x, float* dy, float* target, int length) : IChunkBody
    {
        public void Run(int chunk)
        {
            nint start = (nint)chunk * ElementwiseLoop.ChunkLength;
            nint end = Math.Min(start + ElementwiseLoop.ChunkLength, length);
            for (nint i = start; i < end; i++)
            {
                target[i] = dy is null ? ActivationOperator.Value(kind, x[i], a, b) : dy[i] * ActivationOperator.Slope(kind, x[i], a, b);
            }
        }
    }
}

internal sealed class ActivationIlgpu(IlgpuDevice device, ActivationKind kind, float a, float b) : Activation(device, kind, a, b)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int length) =>
        device.Load<Arguments>(Forward).LaunchElements(length, new(IlgpuDevice.View(x), IlgpuDevice.View(x), IlgpuDevice.View(y), Kind, A, B, length));

    protected override void BackwardCore(Tensor<float> x, Tensor<float> dy, Tensor<float> dx, int length) =>
        device.Load<Arguments>(Backward).LaunchElements(length, new(IlgpuDevice.View(x), IlgpuDevice.View(dy), IlgpuDevice.View(dx), Kind, A, B, length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = ActivationOperator.Value(arguments.Kind, arguments.X[i], arguments.A, arguments.B);
        }
    }

    internal static void Backward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = arguments.Gradient[i] * ActivationOperator.Slope(arguments.Kind, arguments.X[i], arguments.A, arguments.B);
        }
    }

    internal readonly struct Arguments(ArrayView<float> x, ArrayView<float> gradient, ArrayView<float> target, ActivationKind kind, float a, float b, int length)
    {
        public readonly ArrayView<float> X = x;
        public readonly ArrayView<float> Gradient = gradient;
        public readonly ArrayView<float> Target = target;
        public readonly ActivationKind Kind = kind;
        public readonly float A = a;
        public readonly float B = b;
        public readonly int Length = length;
    }
}
