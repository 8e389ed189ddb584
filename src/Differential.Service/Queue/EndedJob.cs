using Differential.Service.Jobs;

namespace Differential.Service.Queue;

/// <summary>A job that has ended, as lists show it.</summary>
public sealed record EndedJob
{
    public required string Id { get; init; }

    /// <summary>done, failed or cancelled.</summary>
    public required JobState State { get; init; }

    public required DateTimeOffset Ended { get; init; }

    public string? Kind { get; init; }

    public string? Name { get; init; }

    public double? Seconds { get; init; }

    /// <summary>Why it failed, one sentence.</summary>
    public string? Error { get; init; }

    /// <summary>Which of the files that are given out are there.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The time of the file that its end wrote last: another one is another end.</summary>
    internal DateTime Mark { get; init; }
}
