namespace Differential.Service.Queue;

/// <summary>A file in <c>incoming/</c> as the queue sees it.</summary>
/// <param name="Name">Its file name, ending in .json.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Time of its last change (UTC): its age in the queue.</param>
public sealed record IncomingJob(string Name, long Size, DateTime Modified)
{
    /// <summary>The id that its job will have.</summary>
    public string Id { get; init; } = JobId.From(Path.GetFileNameWithoutExtension(Name));

    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>The device that the job names; null where the file does not parse.</summary>
    public string? Device { get; init; }

    /// <summary>The job's kind; null where the file does not say.</summary>
    public string? Kind { get; init; }

    /// <summary>What it is, where that is no regular file: refused unread. What a link leads to is not the sender's, and a pipe never ends.</summary>
    public string? Refused { get; init; }

    /// <summary>Ids of jobs that must be done before.</summary>
    public IReadOnlyList<string> After { get; init; } = [];
}
