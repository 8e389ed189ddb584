namespace Differential.Service.Cluster;

/// <summary>How one job of a frozen sweep is run.</summary>
internal sealed record TaskSettings
{
    /// <summary>How long it waits where nothing else is said.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromMinutes(10);

    /// <summary>Whether it starts anew, whatever is there.</summary>
    public bool Fresh { get; init; }

    /// <summary>Whether going on from a checkpoint of another program, device or vector width is refused.</summary>
    public bool Exact { get; init; }

    /// <summary>How long it waits for a process that holds its folder.</summary>
    public TimeSpan Patience { get; init; } = DefaultPatience;
}
