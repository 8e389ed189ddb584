using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Elementwise;

/// <summary>
/// MaxMin, GroupSort over pairs (Anil, Lucas and Grosse 2019): of the elements 2i and 2i + 1 the larger goes to 2i, the
/// smaller to 2i + 1, so with channels innermost and an even number of them it sorts neighbouring channels. It is a
/// permutation at every point: it keeps norms, and so do its gradients. A NaN stays. y may be x, dx may be dy.
/// </summary>
public abstract class MaxMin(ComputeDevice device) : Operation(device)
{
    public static MaxMin Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new MaxMinSimd(simd),
            IlgpuDevice ilgpu => new MaxMinIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(MaxMin)),
        };
    }

    /// <param name="x">The values.</param>
    /// <param name="y">The sorted pairs.</param>
    /// <param name="length">Number of elements, even.</param>
    public void Forward(Tensor<float> x, Tensor<float> y, int length)
    {
        CheckLength(length);
        Check(x, length, nameof(x));
        Check(y, length, nameof(y));
        ExchangeCore(x, x, y, length);
    }

    /// <summary>dx = dy with the pairs that the forward pass exchanged put back.</summary>
    /// <param name="x">The input of the forward pass.</param>
    /// <param name="dy">The gradient by the output.</param>
    /// <param name="dx">The gradient by the input.</param>
    /// <param name="length">Number of elements, even.</param>
    public void Backward(Tensor<float> x, Tensor<float> dy, Tensor<float> dx, int length)
    {
        CheckLength(length);
        Check(x, length, nameof(x));
        Check(dy, length, nameof(dy));
        Check(dx, length, nameof(dx));
        ExchangeCore(x, dy, dx, length);
    }

    /// <summary>target = source with the pairs exchanged of which the second <paramref name="key"/> is the larger.</summary>
    protected abstract void ExchangeCore(Tensor<float> key, Tensor<float> source, Tensor<float> target, int length);

    private static void CheckLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(length % 2, 0, nameof(length));
    }
}
