using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>y = max(x, 0) and its gradient, element by element. NaN stays NaN. y may be x, dx may be dy or y.</summary>
public abstract class Relu(ComputeDevice device) : Operation(device)
{
    public static Relu Create(ComputeDevice device) => device switch
    {
        SimdDevice simd => new ReluSimd(simd),
        IlgpuDevice ilgpu => new ReluIlgpu(ilgpu),
        _ => throw NoKernel(device, nameof(Relu)),
    };

    public void Forward(Tensor<float> x, Tensor<float> y, int length)
    {
        Check(x, length, nameof(x));
        Check(y, length, nameof(y));
        ForwardCore(x, y, length);
    }

    /// <summary>dx = dy where y > 0, else 0.</summary>
    public void Backward(Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int length)
    {
        Check(y, length, nameof(y));
        Check(dy, length, nameof(dy));
        Check(dx, length, nameof(dx));
        BackwardCore(y, dy, dx, length);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> y, int length);

    protected abstract void BackwardCore(Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int length);
}

/// <summary>max(x, 0) and its gradient for every device.</summary>
internal static class ReluOperator
{
    /// <summary>max(x, 0); NaN stays NaN.</summary>
    public static TVector Forward<TVector, TSimd>(TVector x)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.AtLeast(TSimd.Broadcast(0), x);

    /// <summary>dy where y &gt; 0, else 0.</summary>
    public static TVector Backward<TVector, TSimd>(TVector y, TVector dy)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.WherePositive(y, dy);
}

internal sealed unsafe class ReluSimd(SimdDevice device) : Relu(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int length) =>
        ElementwiseLoop.Run(device, length, new ForwardBody(SimdDevice.Pointer(x), SimdDevice.Pointer(y)));

    protected override void BackwardCore(Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int length) =>
        ElementwiseLoop.Run(device, length, new BackwardBody(SimdDevice.Pointer(y), SimdDevice.Pointer(dy), SimdDevice.Pointer(dx)));

    private readonly struct ForwardBody(float* x, float* y) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(ReluOperator.Forward<TVector, TSimd>(TSimd.Load(x + index)), y + index);
    }

    private readonly struct BackwardBody(float* y, float* dy, float* dx) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(ReluOperator.Backward<TVector, TSimd>(TSimd.Load(y + index), TSimd.Load(dy + index)), dx + index);
    }
}

internal sealed class ReluIlgpu(IlgpuDevice device) : Relu(device)
{
    protected override void ForwardCore(Tensor<float> x, Tensor<float> y, int length) =>
        device.Load<Arguments>(Forward).LaunchElements(length, new(IlgpuDevice.View(x), IlgpuDevice.View(x), IlgpuDevice.View(y), length));

    protected override void BackwardCore(Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int length) =>
        device.Load<Arguments>(Backward).LaunchElements(length, new(IlgpuDevice.View(y), IlgpuDevice.View(dy), IlgpuDevice.View(dx), length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = ReluOperator.Forward<float, SimdScalar>(arguments.Value[i]);
        }
    }

    internal static void Backward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Target[i] = ReluOperator.Backward<float, SimdScalar>(arguments.Value[i], arguments.Gradient[i]);
        }
    }

    internal readonly struct Arguments(ArrayView<float> value, ArrayView<float> gradient, ArrayView<float> target, int length)
    {
        public readonly ArrayView<float> Value = value;
        public readonly ArrayView<float> Gradient = gradient;
        public readonly ArrayView<float> Target = target;
        public readonly int Length = length;
    }
}
