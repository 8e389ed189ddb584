using Serilog;
using Serilog.Core;
using Serilog.Formatting.Compact;

namespace Differential.Service.Runs;

/// <summary>The log of one run.</summary>
internal static class RunLog
{
    /// <summary>Largest log file of a run, in bytes; the file rolls over beyond it.</summary>
    private const long MaxFileBytes = 64L << 20;

    /// <summary>Writes to <paramref name="parent"/>, where there is one, and, as JSON lines, to a file; each event carries the job's id.</summary>
    public static Logger Create(ILogger? parent, string file, string id) => (parent is null ? new LoggerConfiguration() : new LoggerConfiguration().WriteTo.Logger(parent))
        .MinimumLevel.Debug()
        .Enrich.WithProperty("JobId", id)
        .WriteTo.File(
            new RenderedCompactJsonFormatter(),
            file,
            fileSizeLimitBytes: MaxFileBytes,
            rollOnFileSizeLimit: true,
            retainedFileCountLimit: 4)
        .CreateLogger();
}
