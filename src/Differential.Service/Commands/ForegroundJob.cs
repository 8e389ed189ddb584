using System.Globalization;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Reading;
using Differential.Service.Progress;
using Differential.Service.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Commands;

/// <summary>Runs one job in the foreground: progress on standard error, the result's tables on standard output.</summary>
internal static class ForegroundJob
{
    /// <param name="options">The command line's options for the host.</param>
    /// <param name="read">Reads the job.</param>
    /// <param name="where">Where, and whether anew.</param>
    /// <param name="cancellation">Cancelled by Ctrl-C and SIGTERM.</param>
    /// <param name="tables">Writes the result; the kind's own tables by default.</param>
    public static int Run(GlobalOptions options, Func<JobFile> read, ForegroundSettings where, CancellationToken cancellation, Action<JobOutcome, TextWriter>? tables = null)
    {
        using IHost host = AppHost.Create(options);
        AppSettings settings = host.Services.GetRequiredService<AppSettings>();
        JobFile job = read();
        if (settings.Device is not null)
        {
            job = job with { Spec = job.Spec with { Device = settings.Device } };
        }

        (string File, string Place)? source = options.Device is not null ? ("arguments", "--device")
            : settings.Device is not null ? ("configuration", "Device")
            : null;
        string folder = where.Output ?? JobIdentity.FolderIn(settings.Runs, job.Spec);
        JobRunner runner = host.Services.GetRequiredService<JobRunner>();
        JobReport report = TerminalProgress.Run(
            host.Services.GetRequiredService<ConsoleLevel>(),
            settings.LogFormat == LogFormat.Text && !options.Quiet,
            observer => runner.Run(new JobRequest { Job = job, Folder = folder, Fresh = where.Fresh, Exact = where.Exact, DeviceSource = source }, observer, cancellation));
        TextWriter written = TerminalKind.Tables();
        if (tables is null)
        {
            report.Outcome.WriteTables(written);
        }
        else
        {
            tables(report.Outcome, written);
        }

        Console.Out.WriteLine();
        Console.Out.WriteLine($"Took: {TimeText.Exact(report.Header.Seconds)}{Resources(report.Header.Resources)}");
        string shown = Shown(report.Folder);
        Console.Out.WriteLine($"Run: {shown}");
        Console.Out.WriteLine($"Report: {Path.Combine(shown, "report.html")}");
        return ExitCode.Done;
    }

    // What lies below the current folder is shorter without it.
    private static string Shown(string folder)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, folder);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? folder : relative;
    }

    private static string Resources(RunResources? resources)
    {
        string memory = resources is { PeakMemoryBytes: > 0 } ? string.Create(CultureInfo.InvariantCulture, $", {resources.PeakMemoryBytes / 1e6:0} MB of memory at most") : string.Empty;
        string energy = resources?.EnergyJoules is { } joules ? string.Create(CultureInfo.InvariantCulture, $", {joules:0} J") : string.Empty;
        return memory + energy;
    }
}

/// <summary>Where a job in the foreground runs.</summary>
/// <param name="Output">The run's folder; null for one under the configured folder of runs.</param>
/// <param name="Fresh">Whether an earlier run in the folder is removed first.</param>
/// <param name="Exact">Whether going on from a checkpoint of another program, device or vector width is refused.</param>
internal sealed record ForegroundSettings(string? Output, bool Fresh, bool Exact = false);
