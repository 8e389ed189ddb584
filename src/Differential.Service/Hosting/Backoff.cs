namespace Differential.Service.Hosting;

/// <summary>When something that failed is tried again: after a pause that doubles with each failure.</summary>
internal sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _pause;
    private long _since;

    public bool IsDue => _pause == TimeSpan.Zero || time.GetElapsedTime(_since) >= _pause;

    public void Fail()
    {
        _pause = _pause == TimeSpan.Zero ? Shortest : TimeSpan.FromTicks(Math.Min(2 * _pause.Ticks, Longest.Ticks));
        _since = time.GetTimestamp();
    }

    /// <summary>What was in the way is gone: it is due now.</summary>
    public void Reset() => _pause = TimeSpan.Zero;
}
