using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>What is made of two elements.</summary>
public enum ArithmeticKind
{
    Difference,
    Product,
    Quotient,
}

/// <summary>y = a ∘ b of two tensors, element by element, and its gradients. y may be a or b, dx may be dy.</summary>
public abstract class ElementArithmetic(ComputeDevice device, ArithmeticKind kind) : Operation(device)
{
    public ArithmeticKind Kind { get; } = kind;

    public static ElementArithmetic Create(ComputeDevice device, ArithmeticKind kind) => device switch
    {
        SimdDevice simd => new ElementArithmeticSimd(simd, kind),
        IlgpuDevice ilgpu => new ElementArithmeticIlgpu(ilgpu, kind),
        _ => throw NoKernel(device, nameof(ElementArithmetic)),
    };

    public void Forward(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length)
    {
        Check(a, length, nameof(a));
        Check(b, length, nameof(b));
        Check(y, length, nameof(y));
        ForwardCore(a, b, y, length);
    }

    /// <summary>The gradient by one of the two.</summary>
    /// <param name="input">0 for a, 1 for b.</param>
    /// <param name="a">Of the forward call.</param>
    /// <param name="b">Of the forward call.</param>
    /// <param name="dy">The gradient by y.</param>
    /// <param name="dx">Overwritten.</param>
    /// <param name="length">Number of elements.</param>
    public void Backward(int input, Tensor<float> a, Tensor<float> b, Tensor<float> dy, Tensor<float> dx, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(input is 0 or 1, true, nameof(input));
        Check(a, length, nameof(a));
        Check(b, length, nameof(b));
        Check(dy, length, nameof(dy));
        Check(dx, length, nameof(dx));
        BackwardCore(input, a, b, dy, dx, length);
    }

    protected abstract void ForwardCore(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length);

    protected abstract void BackwardCore(int input, Tensor<float> a, Tensor<float> b, Tensor<float> dy, Tensor<float> dx, int length);
}

/// <summary>The three kinds and their derivatives for every device.</summary>
internal static class ElementArithmeticOperator
{
    public static TVector Value<TVector, TSimd>(ArithmeticKind kind, TVector a, TVector b)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> =>
        kind == ArithmeticKind.Difference ? TSimd.Subtract(a, b) : kind == ArithmeticKind.Product ? TSimd.Multiply(a, b) : TSimd.Divide(a, b);

    /// <summary>dy times the derivative by the input.</summary>
    public static TVector Gradient<TVector, TSimd>(ArithmeticKind kind, int input, TVector a, TVector b, TVector dy)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        if (kind == ArithmeticKind.Difference)
        {
            return input == 0 ? dy : TSimd.Subtract(TSimd.Broadcast(0), dy);
        }

        if (kind == ArithmeticKind.Product)
        {
            return TSimd.Multiply(dy, input == 0 ? b : a);
        }

        TVector share = TSimd.Divide(dy, b);
        return input == 0 ? share : TSimd.Subtract(TSimd.Broadcast(0), TSimd.Multiply(share, TSimd.Divide(a, b)));
    }
}

internal sealed unsafe class ElementArithmeticSimd(SimdDevice device, ArithmeticKind kind) : ElementArithmetic(device, kind)
{
    protected override void ForwardCore(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length) =>
        ElementwiseLoop.Run(device, length, new ForwardBody(Kind, SimdDevice.Pointer(a), SimdDevice.Pointer(b), SimdDevice.Pointer(y)));

    protected override void BackwardCore(int input, Tensor<float> a, Tensor<float> b, Tensor<float> dy, Tensor<float> dx, int length) =>
        ElementwiseLoop.Run(device, length, new BackwardBody(Kind, input, SimdDevice.Pointer(a), SimdDevice.Pointer(b), SimdDevice.Pointer(dy), SimdDevice.Pointer(dx)));

    private readonly struct ForwardBody(ArithmeticKind kind, float* a, float* b, float* y) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(ElementArithmeticOperator.Value<TVector, TSimd>(kind, TSimd.Load(a + index), TSimd.Load(b + index)), y + index);
    }

    private readonly struct BackwardBody(ArithmeticKind kind, int input, float* a, float* b, float* dy, float* dx) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(ElementArithmeticOperator.Gradient<TVector, TSimd>(kind, input, TSimd.Load(a + index), TSimd.Load(b + index), TSimd.Load(dy + index)), dx + index);
    }
}

internal sealed class ElementArithmeticIlgpu(IlgpuDevice device, ArithmeticKind kind) : ElementArithmetic(device, kind)
{
    protected override void ForwardCore(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length) =>
        device.Load<Arguments>(Forward).LaunchElements(length, new(IlgpuDevice.View(a), IlgpuDevice.View(b), IlgpuDevice.View(a), IlgpuDevice.View(y), Kind, 0, length));

    protected override void BackwardCore(int input, Tensor<float> a, Tensor<float> b, Tensor<float> dy, Tensor<float> dx, int length) =>
        device.Load<Arguments>(Backward).LaunchElements(length, new(IlgpuDevice.View(a), IlgpuDevice.View(b), IlgpuDevice.View(dy), IlgpuDevice.View(dx), Kind, input, length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = ElementArithmeticOperator.Value<float, SimdScalar>(arguments.Kind, arguments.A[i], arguments.B[i]);
        }
    }

    internal static void Backward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = ElementArithmeticOperator.Gradient<float, SimdScalar>(arguments.Kind, arguments.Input, arguments.A[i], arguments.B[i], arguments.Gradient[i]);
        }
    }

    internal readonly struct Arguments(ArrayView<float> a, ArrayView<float> b, ArrayView<float> gradient, ArrayView<float> target, ArithmeticKind kind, int input, int length)
    {
        public readonly ArrayView<float> A = a;
        public readonly ArrayView<float> B = b;
        public readonly ArrayView<float> Gradient = gradient;
        public readonly ArrayView<float> Target = target;
        public readonly ArithmeticKind Kind = kind;
        public readonly int Input = input;
        public readonly int Length = length;
    }
}
