using System.ComponentModel.DataAnnotations;

namespace Differential.Service.Queue;

/// <summary>How the queue behaves; configuration section <c>Queue</c>.</summary>
public sealed class QueueOptions
{
    /// <summary>How many times a job may take the process down without having come further before it ends as failed.</summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>How often the folders are read; file events only hurry it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan RescanInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a file that does not parse must stay unchanged before it counts as bad, not as still being written.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a worker renews its lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a lease must be seen unchanged before its jobs are taken over.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "24:00:00")]
    public TimeSpan LeaseTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Free space on the root's volume, in bytes, below which no job is taken.</summary>
    [Range(0, long.MaxValue)]
    public long MinimumFreeBytes { get; set; } = 256L << 20;

    /// <summary>Largest job file, in bytes.</summary>
    [Range(1024, 1 << 30)]
    public long LargestJobFile { get; set; } = 1 << 20;
}
