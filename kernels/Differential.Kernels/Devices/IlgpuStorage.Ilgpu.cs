using Differential.Kernels.Tensors;
using ILGPU;
using ILGPU.Runtime;

namespace Differential.Kernels.Devices;

/// <summary>A buffer in the memory of an ILGPU accelerator.</summary>
internal sealed unsafe class IlgpuStorage<T> : TensorStorage<T>
    where T : unmanaged
{
    private readonly IlgpuDevice _device;
    private readonly MemoryBuffer1D<T, Stride1D.Dense> _buffer;
    private bool _disposed;

    internal IlgpuStorage(IlgpuDevice device, int length)
        : base(device, length)
    {
        _device = device;
        long bytes = (long)length * sizeof(T);
        try
        {
            _buffer = device.Accelerator.Allocate1D<T>(length);
            try
            {
                _buffer.View.BaseView.MemSetToZero(device.Stream);
            }
            catch
            {
                _buffer.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (IlgpuDevice.IsMemoryError(exception))
        {
            throw device.NoRoom(bytes, exception);
        }
        catch (AcceleratorException exception)
        {
            throw device.Lost($"allocating {bytes:N0} bytes", exception);
        }

        device.Track(bytes);
    }

    public override void Write(int offset, ReadOnlySpan<T> source)
    {
        if (source.IsEmpty)
        {
            return;
        }

        try
        {
            ArrayView<T> target = View(offset, source.Length);
            if (_device.IsSimulator)
            {
                // Kernels run before their launch returns there, so that nothing is in flight.
                source.CopyTo(new Span<T>((void*)_buffer.NativePtr, Length)[offset..]);
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
            ArrayView<T> source = View(offset, destination.Length);
            _device.Accelerator.Bind();
            fixed (T* pinned = destination)
            {
                source.CopyToCPU(_device.Stream, ref *pinned, destination.Length);
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
            ArrayView<T> from = ((IlgpuStorage<T>)source).View(sourceOffset, length);
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
        if (length > 0)
        {
            _device.Load<FillArguments<T>>(FillKernel.Run).LaunchElements(length, new FillArguments<T>(View(offset, length), value));
        }
    }

    internal ArrayView<T> View(int offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)offset + length, Length, nameof(length));
        return _buffer.View.BaseView.SubView(offset, length);
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _device.Track(-(long)Length * sizeof(T));
        try
        {
            _device.Accelerator.Bind();
            _buffer.Dispose();
        }
        catch (AcceleratorException)
        {
            // A lost device has no memory left to give back.
        }
    }
}
