namespace Differential.Service.Queue;

/// <summary>Spaces out a piece of work so that it takes at most half a per cent of the time, however large it has become.</summary>
internal sealed class Pace(TimeProvider time)
{
    private const int Share = 200;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private long? _ended;
    private TimeSpan _rest;

    /// <summary>Whether the work may be done now.</summary>
    public bool IsRested => _ended is not { } ended || time.GetElapsedTime(ended) >= _rest;

    /// <summary>Whether at least this long has passed since the work was done last.</summary>
    public bool IsOlderThan(TimeSpan age) => _ended is not { } ended || time.GetElapsedTime(ended) >= age;

    public void Do(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        long start = time.GetTimestamp();
        try
        {
            work();
        }
        finally
        {
            _ended = time.GetTimestamp();
            TimeSpan rest = Share * time.GetElapsedTime(start);
            _rest = rest < Longest ? rest : Longest;
        }
    }
}
