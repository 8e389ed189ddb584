namespace Differential.Service.Hosting;

/// <summary>
/// Whether there is room for jobs on the root's volume. After a job has met a full disk, free bytes alone do not tell (that job
/// needed more than there was): it is tried again once clearly more is free, or after a pause that doubles.
/// </summary>
internal sealed class RoomWatch(string root, long minimumFreeBytes, TimeProvider time)
{
    private const long ClearlyMore = 1L << 20;
    private const long ClearlyMoreFiles = 16;

    /// <summary>A small job makes about twenty files.</summary>
    private const long MinimumFiles = 32;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private TimeSpan _pause;
    private long _since;
    private long _freeThen;
    private long _filesThen;
    private bool _waits;

    /// <summary>What the latest look said.</summary>
    public bool IsThere { get; private set; } = true;

    /// <summary>A job has met a full disk.</summary>
    public void Full()
    {
        _pause = _pause == TimeSpan.Zero ? ShortestPause : TimeSpan.FromTicks(Math.Min(2 * _pause.Ticks, LongestPause.Ticks));
        _since = time.GetTimestamp();
        _freeThen = DiskSpace.Free(root);
        _filesThen = DiskSpace.FreeFiles(root);
        _waits = true;
        IsThere = false;
    }

    /// <summary>Looks anew.</summary>
    public bool Look()
    {
        long free = DiskSpace.Free(root);
        long files = DiskSpace.FreeFiles(root);
        if (_waits && (free - ClearlyMore >= _freeThen || files - ClearlyMoreFiles >= _filesThen))
        {
            _waits = false;
            _pause = TimeSpan.Zero;
        }
        else if (_waits && time.GetElapsedTime(_since) >= _pause)
        {
            _waits = false;
        }

        return IsThere = !_waits && free >= minimumFreeBytes && files >= MinimumFiles;
    }
}
