namespace Differential.Kernels.Devices;

/// <summary>A block of <typeparamref name="T"/> in a device's memory. It has one owner, which disposes it.</summary>
public abstract class TensorStorage<T> : IDisposable
    where T : unmanaged
{
    protected TensorStorage(ComputeDevice device, int length)
    {
        Device = device;
        Length = length;
    }

    public ComputeDevice Device { get; }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>Copies host memory to the device, from element <paramref name="offset"/> on.</summary>
    public abstract void Write(int offset, ReadOnlySpan<T> source);

    /// <summary>Copies device memory to the host, from element <paramref name="offset"/> on, after all work queued before.</summary>
    public abstract void Read(int offset, Span<T> destination);

    /// <summary>Copies within the device, in the order of the device's queue.</summary>
    public abstract void CopyFrom(int offset, TensorStorage<T> source, int sourceOffset, int length);

    /// <summary>Sets elements to one value, in the order of the device's queue.</summary>
    public abstract void Fill(int offset, int length, T value);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
