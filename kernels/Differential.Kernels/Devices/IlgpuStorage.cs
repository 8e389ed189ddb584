using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace Differential.Kernels.Devices;

/// <summary>A buffer in the memory of an ILGPU accelerator.</summary>
internal sealed unsafe class IlgpuStorage<T> : TensorStorage<T>
    where T : unmanaged
{
    private readonly IlgpuDevice _device;
    private readonly MemoryBuffer1D<T, Stride1D.Dense>? _buffer;
    private bool _disposed;

    internal IlgpuStorage(IlgpuDevice device, int length)
        : base(device, length)
    {
        _device = device;
        device.Reserve(Bytes);
        if (device.IsPlanner)
        {
            return;
        }

        try
        {
            device.Driver("allocating");
            _buffer = device.Accelerator.Allocate1D<T>(length);
            _buffer.View.BaseView.MemSetToZero(device.Stream);
        }
        catch (Exception exception)
        {
            device.Release(Bytes);
            if (_buffer is not null)
            {
                device.Quietly(_buffer.Dispose);
            }

            if (IlgpuDevice.IsMemoryError(exception))
            {
                throw device.NoRoom(Bytes, exception);
            }

            if (exception is AcceleratorException failure)
            {
                throw device.Lost($"allocating {Bytes:N0} bytes", failure);
            }

            throw;
        }
    }

    private long Bytes => (long)Length * sizeof(T);

    public override void Write(int offset, ReadOnlySpan<T> source)
    {
        if (source.IsEmpty || _device.IsPlanner)
        {
            return;
        }

        try
        {
            _device.Driver("copying to the device");
            ArrayView<T> target = View(offset, source.Length);
            if (_device.IsSimulator)
            {
                // Kernels run before their launch returns there, so that nothing is in flight.
                source.CopyTo(new Span<T>((void*)_buffer!.NativePtr, Length)[offset..]);
            }
            else
            {
                _device.Accelerator.Bind();
                _device.Staging.Upload(target, source);
            }
        }
        catch (AcceleratorException exception)
        {
            throw _device.Lost("copying to the device", exception);
        }
    }

    public override void Read(int offset, Span<T> destination)
    {
        if (destination.IsEmpty)
        {
            return;
        }

        try
        {
            _device.Driver("copying from the device");
            ArrayView<T> source = View(offset, destination.Length);
            _device.Accelerator.Bind();
            fixed (T* pinned = destination)
            {
                source.CopyToCPUUnsafeAsync(_device.Stream, ref *pinned, destination.Length);
                _device.Wait();
            }
        }
        catch (AcceleratorException exception)
        {
            throw _device.Lost("copying from the device", exception);
        }
    }

    public override void CopyFrom(int offset, TensorStorage<T> source, int sourceOffset, int length)
    {
        if (length == 0)
        {
            return;
        }

        try
        {
            _device.Driver("copying within the device");
            ArrayView<T> from = ((IlgpuStorage<T>)source).View(sourceOffset, length);
            _device.Repetition?.Note((from, View(offset, length)));
            _device.Accelerator.Bind();
            from.CopyTo(_device.Stream, View(offset, length));
        }
        catch (AcceleratorException exception)
        {
            throw _device.Lost("copying within the device", exception);
        }
    }

    public override void Fill(int offset, int length, T value)
    {
        if (length > 0 && !_device.IsPlanner)
        {
            _device.Load<FillArguments<T>>(FillKernel.Run).LaunchElements(length, new FillArguments<T>(View(offset, length), value));
        }
    }

    internal ArrayView<T> View(int offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)offset + length, Length, nameof(length));
        return (_buffer ?? throw new InvalidOperationException("a planner computes nothing")).View.BaseView.SubView(offset, length);
    }

    /// <summary>Copies host memory in beside the queued kernels, and waits for the copy alone. Nothing queued uses these elements.</summary>
    internal void Upload(int offset, ReadOnlySpan<T> source)
    {
        try
        {
            _device.Driver("copying to the device");
            ArrayView<T> target = View(offset, source.Length);
            _device.Accelerator.Bind();
            target.CopyFromCPUUnsafeAsync(_device.Uploads, ref MemoryMarshal.GetReference(source), source.Length);
            _device.Uploads.Synchronize();
        }
        catch (AcceleratorException exception)
        {
            throw _device.Lost("copying to the device", exception);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _device.Release(Bytes);
        if (_buffer is not null)
        {
            _device.Quietly(_buffer.Dispose);
        }
    }
}
