namespace Differential.Service.Observability;

/// <summary>The queue's loop as others see it: when it turned last, and what it held then. Written by the loop alone, read by anybody.</summary>
internal sealed class LoopPulse(TimeProvider time)
{
    private readonly long _created = time.GetTimestamp();
    private State? _latest;

    private sealed record State(long Count, long Time, int Running, int Waiting);

    /// <summary>Turns so far.</summary>
    public long Count => Volatile.Read(ref _latest)?.Count ?? 0;

    /// <summary>Jobs that ran at the latest turn.</summary>
    public int Running => Volatile.Read(ref _latest)?.Running ?? 0;

    /// <summary>Complete files that waited at the latest turn.</summary>
    public int Waiting => Volatile.Read(ref _latest)?.Waiting ?? 0;

    /// <summary>Time since the latest turn; since the start where there was none.</summary>
    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _latest)?.Time ?? _created);

    /// <summary>Called at each turn of the loop.</summary>
    public void Beat(int running, int waiting) => Volatile.Write(ref _latest, new State(Count + 1, time.GetTimestamp(), running, waiting));
}
