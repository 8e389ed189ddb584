using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Kernels.Elementwise;

/// <summary>y = (x − mean[c]) · scale with the channel c innermost: the input normalisation of a network. y may be x.</summary>
public abstract class ChannelAffine(ComputeDevice device) : Operation(device)
{
    public static ChannelAffine Create(ComputeDevice device)
    {
        return device switch
        {
            SimdDevice simd => new ChannelAffineSimd(simd),
            IlgpuDevice ilgpu => new ChannelAffineIlgpu(ilgpu),
            _ => throw NoKernel(device, nameof(ChannelAffine)),
        };
    }

    /// <summary>The number of channels is the length of <paramref name="mean"/>; <paramref name="length"/> is a multiple of it.</summary>
    public void Forward(Tensor<float> x, Tensor<float> mean, float scale, Tensor<float> y, int length)
    {
        Check(x, length, nameof(x));
        Check(mean, 1, nameof(mean));
        Check(y, length, nameof(y));
        ArgumentOutOfRangeException.ThrowIfNotEqual(length % mean.Length, 0, nameof(length));
        ForwardCore(x, mean, scale, y, length);
    }

    /// <summary>dx = dy · scale. dx may be dy.</summary>
    public void Backward(Tensor<float> dy, float scale, Tensor<float> dx, int length)
    {
        Check(dy, length, nameof(dy));
        Check(dx, length, nameof(dx));
        BackwardCore(dy, scale, dx, length);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> mean, float scale, Tensor<float> y, int length);

    protected abstract void BackwardCore(Tensor<float> dy, float scale, Tensor<float> dx, int length);
}
