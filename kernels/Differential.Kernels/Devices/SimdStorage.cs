using System.Runtime.InteropServices;

namespace Differential.Kernels.Devices;

/// <summary>Native memory, aligned to 64 bytes, with 64 bytes of slack behind the last element for whole-vector reads.</summary>
internal sealed unsafe class SimdStorage<T> : TensorStorage<T>
    where T : unmanaged
{
    private readonly SimdDevice _device;
    private T* _pointer;
    private bool _disposed;

    internal SimdStorage(SimdDevice device, int length)
        : base(device, length)
    {
        _device = device;
        Bytes = ((long)length * sizeof(T)) + 64;
        device.Reserve(Bytes);
        if (device.IsPlanner)
        {
            return;
        }

        try
        {
            _pointer = (T*)HostMemory.Allocate((nuint)Bytes);
        }
        catch
        {
            device.Release(Bytes);
            throw;
        }

        NativeMemory.Clear(_pointer, (nuint)Bytes);
    }

    internal long Bytes { get; }

    internal T* Pointer => _pointer is not null ? _pointer
        : throw (_device.IsPlanner ? new InvalidOperationException("a planner computes nothing") : new ObjectDisposedException(nameof(SimdStorage<T>)));

    public override void Write(int offset, ReadOnlySpan<T> source)
    {
        if (!_device.IsPlanner)
        {
            source.CopyTo(Span(offset, source.Length));
        }
    }

    public override void Read(int offset, Span<T> destination) => Span(offset, destination.Length).CopyTo(destination);

    public override void CopyFrom(int offset, TensorStorage<T> source, int sourceOffset, int length) =>
        ((SimdStorage<T>)source).Span(sourceOffset, length).CopyTo(Span(offset, length));

    public override void Fill(int offset, int length, T value)
    {
        if (!_device.IsPlanner)
        {
            Span(offset, length).Fill(value);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!_disposed)
        {
            _disposed = true;
            HostMemory.Free(_pointer);
            _pointer = null;
            _device.Release(Bytes);
        }
    }

    private Span<T> Span(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)offset + length, Length, nameof(length));
        return new Span<T>(Pointer + offset, length);
    }
}
