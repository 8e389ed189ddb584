namespace Differential.Kernels.Devices;

/// <summary>
/// Work that is recorded the second time that it is queued: the first time compiles its kernels, which a driver does not do while it
/// records. Where the driver refuses, it is queued plainly, then and from then on.
/// </summary>
internal sealed class CapturedGraph(ComputeDevice device, IStreamCapture capture, Action<string> refused) : DeviceGraph(device)
{
    private IReplay? _replay;
    private bool _queuedBefore;
    private bool _isRefused;

    /// <summary>Whether the work is replayed from a recording.</summary>
    public bool IsRecorded => _replay is not null;

    private protected override void Queue(Action work)
    {
        if (_replay is null && _queuedBefore && !_isRefused)
        {
            _replay = Record(work);
        }

        if (_replay is not null)
        {
            _replay.Launch();
            return;
        }

        work();
        _queuedBefore = true;
    }

    protected override void Dispose(bool disposing)
    {
        _replay?.Dispose();
        _replay = null;
        base.Dispose(disposing);
    }

    private IReplay? Record(Action work)
    {
        try
        {
            capture.Begin();
            try
            {
                work();
            }
            catch
            {
                capture.Abort();
                throw;
            }

            return capture.End();
        }
        catch (GraphRefusedException exception)
        {
            _isRefused = true;
            refused(exception.Message);
            return null;
        }
    }
}
