using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Web;

/// <summary>A page of a list of jobs.</summary>
/// <param name="Total">Jobs that are asked for.</param>
/// <param name="From">How many were passed over.</param>
/// <param name="Jobs">Those that follow.</param>
internal sealed record JobPage(int Total, int From, IReadOnlyList<JobRow> Jobs);

/// <summary>A job as lists have it, wherever it stands.</summary>
internal sealed record JobRow
{
    public required string Id { get; init; }

    public required JobState State { get; init; }

    public string? Kind { get; init; }

    public string? Name { get; init; }

    public string? Device { get; init; }

    /// <summary>Since when it waits or runs; null where it has ended.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Of a job that waits.</summary>
    public int? Priority { get; init; }

    /// <summary>The ids for which it waits.</summary>
    public IReadOnlyList<string>? After { get; init; }

    /// <summary>How far a running job is, in [0, 1].</summary>
    public double? Fraction { get; init; }

    /// <summary>Where a running job stands.</summary>
    public string? Progress { get; init; }

    /// <summary>Time of the work of one that has ended.</summary>
    public double? Seconds { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>Files of the run that are there, of those that a list names.</summary>
    public IReadOnlyList<string>? Files { get; init; }

    public static JobRow Of(IncomingJob job)
    {
        QueuedView view = StateFeed.Waiting(job);
        return new JobRow { Id = view.Id, State = JobState.Queued, Kind = view.Kind, Device = view.Device, Since = view.Since, Priority = view.Priority, After = view.After };
    }

    public static JobRow Of(RunningView job) => new()
    {
        Id = job.Id,
        State = job.Interrupted ? JobState.Interrupted : JobState.Running,
        Kind = job.Kind,
        Name = job.Name,
        Device = job.Device,
        Since = job.Since,
        Fraction = job.Fraction,
        Progress = job.Progress,
    };

    public static JobRow Of(EndedJob job) => new()
    {
        Id = job.Id,
        State = job.State,
        Kind = job.Kind,
        Name = job.Name,
        Ended = job.Ended,
        Seconds = job.Seconds,
        Error = job.Error,
        Files = job.Files,
    };
}
