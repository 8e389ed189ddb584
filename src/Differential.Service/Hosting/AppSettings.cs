using System.ComponentModel.DataAnnotations;
using Differential.Core;
using Differential.Service.Runs;
using Microsoft.Extensions.Configuration;

namespace Differential.Service.Hosting;

/// <summary>What appsettings.json and the environment (<c>DIFFERENTIAL__…</c>) may set; command-line options go first.</summary>
public sealed record AppSettings
{
    /// <summary>The device of every job that is run in the foreground, as <c>--device</c> names it; the job's own where null.</summary>
    public string? Device { get; init; }

    /// <summary>Threads of the SIMD device; 0 takes one per core.</summary>
    [Range(0, MaxThreads)]
    public int Threads { get; init; }

    /// <summary>Whether CUDA devices record the work of steps as graphs and replay them.</summary>
    public bool CudaGraphs { get; init; } = true;

    /// <summary>The folder of the runs' folders.</summary>
    public string Runs { get; init; } = "runs";

    /// <summary>How log lines are written to standard error.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>How large a job may be.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Most threads that can be asked for.</summary>
    internal const int MaxThreads = 1_024;

    /// <exception cref="InputException">A value is of the wrong type or out of range.</exception>
    internal static AppSettings Of(IConfiguration configuration)
    {
        AppSettings settings;
        try
        {
            settings = configuration.Get<AppSettings>() ?? new AppSettings();
        }
        catch (InvalidOperationException exception)
        {
            throw ConfigurationMistake.OfBinding(exception);
        }

        ServiceSettings.Check(settings.Limits, "Limits:");
        return settings.Threads is >= 0 and <= MaxThreads
            ? settings
            : throw new InputException("configuration", "Threads", $"the number {settings.Threads}", $"allowed: 0 to {MaxThreads}");
    }
}

/// <summary>How log lines are written.</summary>
public enum LogFormat
{
    /// <summary>Lines for people.</summary>
    Text,

    /// <summary>A JSON object per line.</summary>
    Json,
}
