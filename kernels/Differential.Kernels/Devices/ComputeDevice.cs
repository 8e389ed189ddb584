namespace Differential.Kernels.Devices;

/// <summary>
/// A device that owns memory and runs kernels in the order in which they are queued. One host thread uses a device
/// at a time. Operations are planned on a device through their own <c>Create</c>.
/// </summary>
public abstract partial class ComputeDevice : IDisposable
{
    /// <param name="info">What is known of the device.</param>
    /// <param name="memoryLimit">Most bytes that its allocations may come to; 0 takes what there is.</param>
    protected ComputeDevice(DeviceInfo info, long memoryLimit = 0)
    {
        Info = info;
        _limit = memoryLimit;
    }

    public DeviceInfo Info { get; }

    /// <summary>How the convolutions of training steps are computed here.</summary>
    public virtual ConvolutionMethod Convolution => ConvolutionMethod.Direct;

    /// <summary>A zeroed float32 tensor; the caller owns it.</summary>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public Tensor<float> Allocate(Shape shape) => Allocate<float>(shape);

    /// <summary>A float32 tensor with the host's values; the caller owns it.</summary>
    public Tensor<float> Allocate(Shape shape, ReadOnlySpan<float> values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, shape.Length, nameof(values));
        Tensor<float> tensor = Allocate(shape);
        tensor.Write(values);
        return tensor;
    }

    /// <summary>A zeroed tensor of bytes (stored pixels) or of 32-bit integers (indices); the caller owns it.</summary>
    public Tensor<T> Allocate<T>(Shape shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(shape);
        RefuseInGraph("allocating");
        return new Tensor<T>(AllocateStorage<T>(shape.Length), 0, shape, owner: true);
    }

    /// <summary>Waits until all queued work is done; a failed kernel surfaces here at the latest.</summary>
    /// <exception cref="DeviceLostException">The device failed.</exception>
    public abstract void Synchronize();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Zeroed memory of float, byte or int.</summary>
    protected abstract TensorStorage<T> AllocateStorage<T>(int length)
        where T : unmanaged;

    protected abstract void Dispose(bool disposing);
}
