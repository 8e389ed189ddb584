namespace Differential.Service.Hosting;

/// <summary>What the command line sets for the host; null where an option was not given.</summary>
internal sealed record GlobalOptions
{
    public LogFormat? LogFormat { get; init; }

    public string? Device { get; init; }

    public int? Threads { get; init; }
}
