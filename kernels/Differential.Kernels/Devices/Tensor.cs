namespace Differential.Kernels.Devices;

/// <summary>
/// Elements of one device's memory, seen in a shape: storage and shape, nothing else. Row-major; float32 for all
/// arithmetic, bytes for stored images.
/// </summary>
public sealed class Tensor<T> : IDisposable
    where T : unmanaged
{
    private readonly bool _owner;

    internal Tensor(TensorStorage<T> storage, int offset, Shape shape, bool owner)
    {
        Storage = storage;
        Offset = offset;
        Shape = shape;
        _owner = owner;
    }

    public TensorStorage<T> Storage { get; }

    /// <summary>First element within the storage.</summary>
    public int Offset { get; }

    public Shape Shape { get; }

    public int Length => Shape.Length;

    public ComputeDevice Device => Storage.Device;

    /// <summary>A view of <paramref name="shape"/> from element <paramref name="offset"/> on; the storage keeps its owner.</summary>
    public Tensor<T> Slice(int offset, Shape shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)offset + shape.Length, Length, nameof(shape));
        return new Tensor<T>(Storage, Offset + offset, shape, owner: false);
    }

    /// <summary>A view of the same elements in another shape of the same length.</summary>
    public Tensor<T> Reshape(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfNotEqual(shape.Length, Length, nameof(shape));
        return new Tensor<T>(Storage, Offset, shape, owner: false);
    }

    /// <summary>Copies the host's elements in; fewer than <see cref="Length"/> fill the front.</summary>
    public void Write(ReadOnlySpan<T> source)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, Length, nameof(source));
        Device.RefuseInGraph("writing to the device");
        Storage.Write(Offset, source);
    }

    /// <summary>Copies the front of this tensor to the host, after all work queued before.</summary>
    public void Read(Span<T> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, Length, nameof(destination));
        Device.RefuseInGraph("reading from the device");
        Storage.Read(Offset, destination);
    }

    /// <summary>All elements as a new array on the host.</summary>
    public T[] ToArray()
    {
        var values = new T[Length];
        Read(values);
        return values;
    }

    /// <summary>Copies the first <paramref name="length"/> elements of a tensor of the same device.</summary>
    public void CopyFrom(Tensor<T> source, int length)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, source.Length);
        Storage.CopyFrom(Offset, source.Storage, source.Offset, length);
    }

    public void Fill(T value) => Storage.Fill(Offset, Length, value);

    /// <summary>Frees the storage if this tensor owns it; a view leaves it.</summary>
    public void Dispose()
    {
        if (_owner)
        {
            Storage.Dispose();
        }
    }
}
