namespace Differential.Kernels.Devices;

/// <summary>
/// Memory for what an operation of the SIMD device needs within one call alone. All operations of a device share one piece, as large as the largest of
/// them needs, which is given back when the last of its holders ends. What a call leaves there the next call of another operation overwrites.
/// </summary>
/// <param name="device">The device; one of its operations runs at a time.</param>
internal sealed class Workspace(SimdDevice device)
{
    private readonly Lock _lock = new();
    private Tensor<float>? _tensor;
    private int _length;
    private int _holders;

    /// <summary>Makes it as long as <paramref name="length"/> floats, at least.</summary>
    /// <exception cref="DeviceMemoryException">There is no room; what there was stays.</exception>
    public void Hold(int length)
    {
        lock (_lock)
        {
            int before = _length;
            try
            {
                if (length > _length)
                {
                    _tensor?.Dispose();
                    _tensor = null;
                    _length = length;
                }

                Allocate();
                _holders++;
            }
            catch
            {
                _length = before;
                throw;
            }
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_holders == 0)
            {
                _tensor?.Dispose();
                _tensor = null;
                _length = 0;
            }
        }
    }

    /// <summary>Where it is; until the next <see cref="Hold"/>.</summary>
    public Tensor<float> Tensor() => _tensor ?? Again();

    // After an attempt to grow that found no room.
    private Tensor<float> Again()
    {
        lock (_lock)
        {
            return Allocate();
        }
    }

    private Tensor<float> Allocate() => _tensor ??= device.Allocate(new Shape(_length));
}

/// <summary>An operation's share in the device's <see cref="Workspace"/>: held from the first call, or from before it.</summary>
/// <param name="device">The device.</param>
/// <param name="length">Floats that a call needs.</param>
internal sealed unsafe class WorkspaceLease(SimdDevice device, int length) : IDisposable
{
    private bool _isHeld;

    /// <exception cref="DeviceMemoryException">There is no room.</exception>
    public void Reserve()
    {
        if (!_isHeld)
        {
            device.Workspace.Hold(length);
            _isHeld = true;
        }
    }

    /// <summary>The workspace, for this call. Aligned to a vector.</summary>
    public float* Pointer()
    {
        Reserve();
        return SimdDevice.Pointer(device.Workspace.Tensor());
    }

    public void Dispose()
    {
        if (_isHeld)
        {
            _isHeld = false;
            device.Workspace.Leave();
        }
    }
}
