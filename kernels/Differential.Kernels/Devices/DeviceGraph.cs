namespace Differential.Kernels.Devices;

/// <summary>
/// Operations that are queued again and again with the same tensors and the same numbers: what changes from one time to the next
/// lies in device memory. On CUDA they are recorded once as a CUDA graph and from then on started by one call of the driver; on other
/// devices, and where the driver does not record, they are queued anew each time. The results have the same bits.
/// </summary>
public class DeviceGraph : IDisposable
{
    internal DeviceGraph(ComputeDevice device) => Device = device;

    protected ComputeDevice Device { get; }

    /// <summary>Queues the work.</summary>
    /// <param name="work">
    /// The same at each call: the same operations on the same tensors, with nothing read from the device, written to it or allocated on
    /// it. A replay does not call it.
    /// </param>
    /// <exception cref="InvalidOperationException">The work passes something between host and device, or is another than before.</exception>
    public void Run(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Device.RefuseInGraph("another graph");
        Device.IsInGraph = true;
        try
        {
            Queue(work);
        }
        finally
        {
            Device.IsInGraph = false;
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    private protected virtual void Queue(Action work) => work();

    protected virtual void Dispose(bool disposing)
    {
    }
}
