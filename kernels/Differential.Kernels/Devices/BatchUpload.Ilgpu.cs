using ILGPU.Runtime;

namespace Differential.Kernels.Devices;

/// <summary>
/// Page-locked host memory, and a ring of places on the device that a second queue fills. Which queued work still reads a place
/// is known without events: what was queued before the device's latest wait is done. Only where the whole ring was used since
/// then does the host wait; a training waits by itself every few steps, to read the losses.
/// </summary>
internal sealed class BatchUploadIlgpu : BatchUpload
{
    /// <summary>A wait of the training's own comes after at most so many batches.</summary>
    private const int MostPlaces = 17;

    private const int RingBytes = 16 << 20;

    private readonly IlgpuDevice _device;
    private readonly Tensor<byte> _ring;
    private readonly Tensor<byte>[] _places;
    private readonly long[] _waits;
    private readonly PageLockedArray1D<byte>? _host;
    private int _place = -1;

    public BatchUploadIlgpu(IlgpuDevice device, int length)
        : base(device, length)
    {
        _device = device;
        int stride = (length + 63) / 64 * 64;
        _places = new Tensor<byte>[Math.Clamp(RingBytes / stride, 2, MostPlaces)];
        _waits = new long[_places.Length];
        Array.Fill(_waits, -1);
        _ring = device.Allocate<byte>(new Shape(_places.Length, stride));
        for (int i = 0; i < _places.Length; i++)
        {
            _places[i] = _ring.Slice(i * stride, new Shape(length));
        }

        if (device.IsPlanner)
        {
            return;
        }

        try
        {
            // The ring is zeroed by the first queue: not after the second one has written to it.
            device.Synchronize();
            _host = device.AllocatePageLocked(length);
        }
        catch
        {
            _ring.Dispose();
            throw;
        }
    }

    public override Span<byte> Host => _host!.Span;

    protected override Tensor<byte> SendCore(int count)
    {
        if (_place >= 0)
        {
            // The work that reads the batch before has been queued by now.
            _waits[_place] = _device.Waits;
        }

        _place = (_place + 1) % _places.Length;
        if (_waits[_place] == _device.Waits)
        {
            _device.Synchronize();
        }

        ((IlgpuStorage<byte>)_ring.Storage).Upload(_places[_place].Offset, _host!.Span[..count]);
        return _places[_place];
    }

    protected override void Dispose(bool disposing)
    {
        if (_host is not null)
        {
            _device.Quietly(_host.Dispose);
        }

        _ring.Dispose();
        base.Dispose(disposing);
    }
}
