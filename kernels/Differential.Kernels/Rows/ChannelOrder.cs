using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>
/// Re-orders images between channels last [count, height, width, channels], in which all operations work, and
/// channels first [count, channels, height, width], in which flattened features and files are.
/// </summary>
public abstract class ChannelOrder : Operation
{
    protected ChannelOrder(ComputeDevice device, int pixels, int channels)
        : base(device)
    {
        Pixels = pixels;
        Channels = channels;
    }

    /// <summary>height · width.</summary>
    public int Pixels { get; }

    public int Channels { get; }

    public static ChannelOrder Create(ComputeDevice device, int pixels, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        return device switch
        {
            SimdDevice simd => new ChannelOrderSimd(simd, pixels, channels),
            IlgpuDevice ilgpu => new ChannelOrderIlgpu(ilgpu, pixels, channels),
            _ => throw NoKernel(device, nameof(ChannelOrder)),
        };
    }

    /// <summary>Channels last to channels first. The tensors do not overlap.</summary>
    public void ToChannelsFirst(Tensor<float> x, Tensor<float> y, int count)
    {
        Check(x, (long)count * Pixels * Channels, nameof(x));
        Check(y, (long)count * Pixels * Channels, nameof(y));
        ToChannelsFirstCore(x, y, count);
    }

    /// <summary>Channels first to channels last. The tensors do not overlap.</summary>
    public void ToChannelsLast(Tensor<float> x, Tensor<float> y, int count)
    {
        Check(x, (long)count * Pixels * Channels, nameof(x));
        Check(y, (long)count * Pixels * Channels, nameof(y));
        ToChannelsLastCore(x, y, count);
    }

    protected abstract void ToChannelsFirstCore(Tensor<float> x, Tensor<float> y, int count);

    protected abstract void ToChannelsLastCore(Tensor<float> x, Tensor<float> y, int count);
}
