namespace Differential.Service.Hosting;

/// <summary>What the command line sets for the host; null where an option was not given.</summary>
internal sealed record GlobalOptions
{
    public LogFormat? LogFormat { get; init; }

    public string? Device { get; init; }

    public int? Threads { get; init; }

    /// <summary>Whether standard error has warnings and errors alone.</summary>
    public bool Quiet { get; init; }
}
