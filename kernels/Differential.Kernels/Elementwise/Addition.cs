using Differential.Kernels.Devices;

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
