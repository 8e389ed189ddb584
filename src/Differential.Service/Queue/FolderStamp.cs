namespace Differential.Service.Queue;

/// <summary>
/// Whether the names in a folder can have changed since they were listed: the folder's own time tells, once it has stood still for
/// longer than the coarsest clock of a file system. Until then a listing is repeated.
/// </summary>
internal sealed class FolderStamp(string folder, TimeProvider time)
{
    private static readonly TimeSpan Coarsest = TimeSpan.FromSeconds(2);

    /// <summary>A folder that has not changed for this long is taken at its word at once; clocks of network folders may differ by less.</summary>
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(10);

    private long? _since;

    /// <summary>The folder's time (UTC) at the latest listing.</summary>
    public DateTime Time { get; private set; }

    /// <summary>Whether a folder with that time still has the names that were listed.</summary>
    public bool IsSure { get; private set; }

    /// <summary>Whether the names must be listed.</summary>
    public bool IsStale => !IsSure || Directory.GetLastWriteTimeUtc(folder) != Time;

    /// <summary>Called right before a listing.</summary>
    public void Listing()
    {
        DateTime now = Directory.GetLastWriteTimeUtc(folder);
        if (_since is { } since && now == Time)
        {
            IsSure |= time.GetElapsedTime(since) >= Coarsest;
            return;
        }

        (Time, IsSure, _since) = (now, now < time.GetUtcNow().UtcDateTime - Old, time.GetTimestamp());
    }

    /// <summary>Takes over a listing that somebody else was sure of.</summary>
    public void Restore(DateTime listed) => (Time, IsSure, _since) = (listed, true, time.GetTimestamp());
}
