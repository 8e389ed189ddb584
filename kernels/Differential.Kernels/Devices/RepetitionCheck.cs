namespace Differential.Kernels.Devices;

/// <summary>
/// The graphs of the simulator, which records nothing: each time the work is queued, its launches and copies are compared with those of the
/// first time, so that work which a recording would not repeat is found without a GPU.
/// </summary>
internal sealed class RepetitionCheck(IlgpuDevice device) : DeviceGraph(device)
{
    private readonly List<object> _first = [];
    private int _next;
    private bool _isWhole;

    /// <summary>Takes note of one launch or copy.</summary>
    /// <param name="call">Its name and arguments, compared by value.</param>
    public void Note(object call)
    {
        if (!_isWhole)
        {
            _first.Add(call);
        }
        else if (_next >= _first.Count || !_first[_next].Equals(call))
        {
            throw new InvalidOperationException(
                $"work of a device graph differs from that of the first time: call {_next} is {call}; {(_next < _first.Count ? _first[_next] : "none")} before");
        }

        _next++;
    }

    private protected override void Queue(Action work)
    {
        if (!_isWhole)
        {
            _first.Clear();
        }

        _next = 0;
        device.Repetition = this;
        try
        {
            work();
        }
        finally
        {
            device.Repetition = null;
        }

        if (_isWhole && _next != _first.Count)
        {
            throw new InvalidOperationException($"work of a device graph differs from that of the first time: {_next} calls; {_first.Count} before");
        }

        _isWhole = true;
    }
}
