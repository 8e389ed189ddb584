namespace Differential.Kernels.Devices;

/// <content>How much memory there is, and what of it is taken.</content>
public abstract partial class ComputeDevice
{
    private readonly long _limit;
    private long _allocated;
    private long _held;
    private long _peak;

    /// <summary>Bytes of device memory now allocated through this object.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocated);

    /// <summary>The same as the device takes it: each allocation rounded up to the device's unit.</summary>
    public long HeldBytes => Interlocked.Read(ref _held);

    /// <summary>Largest <see cref="HeldBytes"/> so far.</summary>
    public long PeakBytes => Interlocked.Read(ref _peak);

    /// <summary>
    /// Bytes that <see cref="HeldBytes"/> may come to: what it is and what is free now, at most the limit that the device was
    /// opened with. <see cref="long.MaxValue"/> where nobody can tell.
    /// </summary>
    public long CapacityBytes
    {
        get
        {
            long free = FreeBytes();
            long room = free == long.MaxValue ? long.MaxValue : Math.Max(free, 0) + HeldBytes;
            return _limit > 0 ? Math.Min(_limit, room) : room;
        }
    }

    /// <summary>
    /// Whether this object only counts (<see cref="CreatePlanner"/>): its tensors have no memory, writes to them do nothing,
    /// and nothing can be read or computed.
    /// </summary>
    public bool IsPlanner { get; protected init; }

    /// <summary>
    /// A twin on which operations are planned as on this device, allocation for allocation, and which only counts: its
    /// <see cref="PeakBytes"/> is what the same would take here. It holds no memory and ends before this device does.
    /// </summary>
    public abstract ComputeDevice CreatePlanner();

    /// <summary>Bytes that are free on the device now; <see cref="long.MaxValue"/> where nobody can tell.</summary>
    protected abstract long FreeBytes();

    /// <summary>What an allocation takes.</summary>
    protected virtual long RoundUp(long bytes) => bytes;

    /// <summary>Counts an allocation before it is made.</summary>
    /// <exception cref="DeviceMemoryException">It would pass the limit.</exception>
    internal void Reserve(long bytes)
    {
        long rounded = RoundUp(bytes);
        long held = Interlocked.Add(ref _held, rounded);
        if (_limit > 0 && held > _limit && !IsPlanner)
        {
            Interlocked.Add(ref _held, -rounded);
            throw new DeviceMemoryException($"no room for {bytes:N0} bytes on {Info.Id}, beside {AllocatedBytes:N0} already taken: at most {_limit:N0} are allowed") { HeldBytes = held - rounded };
        }

        Interlocked.Add(ref _allocated, bytes);
        for (long peak = PeakBytes; held > peak; peak = PeakBytes)
        {
            Interlocked.CompareExchange(ref _peak, held, peak);
        }
    }

    /// <summary>Takes the count of an allocation back.</summary>
    internal void Release(long bytes)
    {
        Interlocked.Add(ref _held, -RoundUp(bytes));
        Interlocked.Add(ref _allocated, -bytes);
    }
}
