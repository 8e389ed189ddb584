using Differential.Kernels.Devices;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Elementwise;

/// <summary>y = a + b, element by element, with a ReLU behind it where asked for. NaN stays NaN. y may be a or b.</summary>
public abstract class Addition(ComputeDevice device) : Operation(device)
{
    public static Addition Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new AdditionSimd(simd),
            IlgpuDevice ilgpu => new AdditionIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(Addition)),
        };
    }

    /// <param name="a">The one summand.</param>
    /// <param name="b">The other one.</param>
    /// <param name="y">Overwritten with the sum.</param>
    /// <param name="length">Number of elements.</param>
    /// <param name="relu">Whether max(a + b, 0) is stored.</param>
    public void Forward(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length, bool relu = false)
    {
        Check(a, length, nameof(a));
        Check(b, length, nameof(b));
        Check(y, length, nameof(y));
        ForwardCore(a, b, y, length, relu ? 0 : float.NegativeInfinity);
    }

    /// <param name="a">The one summand.</param>
    /// <param name="b">The other one.</param>
    /// <param name="y">The sum, at least <paramref name="floor"/>.</param>
    /// <param name="length">Number of elements.</param>
    /// <param name="floor">0 or −∞.</param>
    protected abstract void ForwardCore(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length, float floor);
}

internal sealed unsafe class AdditionSimd(SimdDevice device) : Addition(device)
{
    protected override void ForwardCore(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length, float floor) =>
        ElementwiseLoop.Run(device, length, new Body(SimdDevice.Pointer(a), SimdDevice.Pointer(b), SimdDevice.Pointer(y), floor));

    private readonly struct Body(float* a, float* b, float* y, float floor) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(TSimd.AtLeast(TSimd.Broadcast(floor), TSimd.Add(TSimd.Load(a + index), TSimd.Load(b + index))), y + index);
    }
}

internal sealed class AdditionIlgpu(IlgpuDevice device) : Addition(device)
{
    protected override void ForwardCore(Tensor<float> a, Tensor<float> b, Tensor<float> y, int length, float floor) =>
        device.Load<Arguments>(Forward).LaunchElements(length, new(IlgpuDevice.View(a), IlgpuDevice.View(b), IlgpuDevice.View(y), floor, length));

    internal static void Forward(Arguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            arguments.Y[i] = SimdScalar.AtLeast(arguments.Floor, arguments.A[i] + arguments.B[i]);
        }
    }

    internal readonly struct Arguments(ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, float floor, int length)
    {
        public readonly ArrayView<float> A = a;
        public readonly ArrayView<float> B = b;
        public readonly ArrayView<float> Y = y;
        public readonly float Floor = floor;
        public readonly int Length = length;
    }
}
