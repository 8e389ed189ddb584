using Differential.Service.Jobs;

namespace Differential.Service.Queue;

/// <summary>How many jobs are in each state, and those of them that <c>status</c> shows.</summary>
internal sealed record QueueSummary
{
    /// <summary>How many of each state are shown.</summary>
    public const int Shown = 20;

    /// <summary>The times of incoming, done, failed and cancelled when they were listed.</summary>
    public required IReadOnlyList<DateTime> Folders { get; init; }

    public required int Queued { get; init; }

    public required int Done { get; init; }

    public required int Failed { get; init; }

    public required int Cancelled { get; init; }

    /// <summary>What lies in incoming and can't be read: name and reason.</summary>
    public required IReadOnlyList<string> Unreadable { get; init; }

    /// <summary>The first that wait.</summary>
    public required IReadOnlyList<IncomingJob> Next { get; init; }

    /// <summary>The latest of each state, newest first.</summary>
    public required IReadOnlyList<EndedJob> Latest { get; init; }

    /// <summary>The summary of two indexes; without times of folders where one is not sure of its own.</summary>
    public static QueueSummary Of(IncomingIndex incoming, EndedIndex ended)
    {
        ArgumentNullException.ThrowIfNull(incoming);
        ArgumentNullException.ThrowIfNull(ended);
        IReadOnlyList<IncomingJob> ready = incoming.Ready;
        return new QueueSummary
        {
            Folders = incoming.Listed is { } listed && ended.Stamps is { } stamps ? [listed, .. stamps] : [],
            Queued = ready.Count + incoming.Unsettled,
            Done = ended.Count(JobState.Done),
            Failed = ended.Count(JobState.Failed),
            Cancelled = ended.Count(JobState.Cancelled),
            Unreadable = [.. incoming.Unreadable.Select(u => $"{u.Key} ({u.Value})")],
            Next = [.. ready.Take(Shown)],
            Latest = [.. ((JobState[])[JobState.Failed, JobState.Done, JobState.Cancelled]).SelectMany(state => ended.All.Where(j => j.State == state).Take(Shown))],
        };
    }

    /// <summary>Whether the folders still have the names that were counted, and the files that are shown their contents.</summary>
    public bool Holds(ServiceRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        string[] folders = [root.Incoming, root.Done, root.Failed, root.Cancelled];
        return Folders.Count == folders.Length
            && folders.Zip(Folders).All(f => Directory.GetLastWriteTimeUtc(f.First) == f.Second)
            && Next.All(job => File.GetLastWriteTimeUtc(Path.Combine(root.Incoming, job.Name)) == job.Modified);
    }

    /// <summary>Whether another summary says the same.</summary>
    public bool IsSame(QueueSummary? other) =>
        other is not null
        && (Queued, Done, Failed, Cancelled) == (other.Queued, other.Done, other.Failed, other.Cancelled)
        && Folders.SequenceEqual(other.Folders)
        && Unreadable.SequenceEqual(other.Unreadable)
        && Next.SequenceEqual(other.Next)
        && Latest.SequenceEqual(other.Latest);
}
