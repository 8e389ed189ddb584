using Differential.Kernels.Devices;

namespace Differential.Kernels.Pooling;

/// <summary>The mean of each channel over an image: [count, pixels, channels] to [count, channels], and the gradient by the input. Sums run in the order of the pixels.</summary>
public abstract class GlobalAveragePool : Operation
{
    private protected GlobalAveragePool(ComputeDevice device, int pixels, int channels)
        : base(device)
    {
        Pixels = pixels;
        Channels = channels;
    }

    /// <summary>height · width.</summary>
    public int Pixels { get; }

    public int Channels { get; }

    public static GlobalAveragePool Create(ComputeDevice device, int pixels, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        return device switch
        {
            SimdDevice simd => new GlobalAveragePoolSimd(simd, pixels, channels),
            IlgpuDevice ilgpu => new GlobalAveragePoolIlgpu(ilgpu, pixels, channels),
            _ => throw NoKernel(device, nameof(GlobalAveragePool)),
        };
    }

    public void Forward(Tensor<float> x, Tensor<float> y, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Check(x, (long)count * Pixels * Channels, nameof(x));
        Check(y, (long)count * Channels, nameof(y));
        ForwardCore(x, y, count);
    }

    /// <summary>dx = dy / pixels at each pixel; overwritten.</summary>
    public void Backward(Tensor<float> dy, Tensor<float> dx, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Check(dy, (long)count * Channels, nameof(dy));
        Check(dx, (long)count * Pixels * Channels, nameof(dx));
        BackwardCore(dy, dx, count);
    }

    protected abstract void ForwardCore(Tensor<float> x, Tensor<float> y, int count);

    protected abstract void BackwardCore(Tensor<float> dy, Tensor<float> dx, int count);
}
