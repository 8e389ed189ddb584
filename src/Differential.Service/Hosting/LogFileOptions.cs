using System.ComponentModel.DataAnnotations;

namespace Differential.Service.Hosting;

/// <summary>Log files in a folder.</summary>
/// <param name="Options">How they are written.</param>
/// <param name="Folder">Their folder.</param>
internal sealed record LogFile(LogFileOptions Options, string Folder);

/// <summary>The service's log files; configuration section <c>LogFile</c>.</summary>
public sealed class LogFileOptions
{
    /// <summary>Whether they are written.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Their folder; <c>logs</c> in the service's root by default.</summary>
    public string? Folder { get; set; }

    /// <summary>Lines for people, or a JSON object per line.</summary>
    public LogFormat Format { get; set; } = LogFormat.Json;

    /// <summary>Largest file in bytes; a new one is begun each day and beyond this size.</summary>
    [Range(1L << 16, 1L << 40)]
    public long MaxBytes { get; set; } = 64L << 20;

    /// <summary>How many are kept, the current one included.</summary>
    [Range(1, 10_000)]
    public int Files { get; set; } = 31;
}
