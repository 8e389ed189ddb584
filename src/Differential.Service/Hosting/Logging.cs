using System.Globalization;
using Differential.Service.Jobs;
using Differential.Service.Runs;
using Microsoft.Extensions.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Compact;

namespace Differential.Service.Hosting;

/// <summary>The level from which log lines go to the console; raised while a progress display is on it.</summary>
/// <param name="Switch">Serilog's switch.</param>
internal sealed record ConsoleLevel(LoggingLevelSwitch Switch)
{
    private volatile bool _showsProgress;

    /// <summary>Whether a progress display tells what the jobs' own events tell.</summary>
    public bool ShowsProgress => _showsProgress;

    public void OnlyWarnings() => Switch.MinimumLevel = LogEventLevel.Warning;

    /// <summary>Leaves the console to a progress display, until the returned object is disposed. Warnings that no job gives still come through.</summary>
    public IDisposable ShowProgress()
    {
        LogEventLevel before = Switch.MinimumLevel;
        _showsProgress = true;
        OnlyWarnings();
        return new Shown(this, before);
    }

    private sealed class Shown(ConsoleLevel level, LogEventLevel before) : IDisposable
    {
        public void Dispose()
        {
            level._showsProgress = false;
            level.Switch.MinimumLevel = before;
        }
    }
}

/// <summary>Serilog as every log line is written by it.</summary>
internal static class Logging
{
    private const string FileTemplate = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {JobId} {Message:lj}{NewLine}{Exception}";

    private const string TextTemplate = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}";

    /// <summary>Standard error as text or JSON lines, and a file that is rolled over; levels by the configuration's section <c>Serilog</c>.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="format">Of standard error.</param>
    /// <param name="console">Standard error's level.</param>
    /// <param name="file">The file; none where null.</param>
    /// <param name="providers">Get every event as well; none where null.</param>
    /// <param name="saysFailures">Whether lines for people name a job's failure and the warnings of its checks; not where the command itself does at its end.</param>
    public static Logger Create(IConfiguration configuration, LogFormat format, ConsoleLevel console, LogFile? file = null, bool saysFailures = true, LoggerProviderCollection? providers = null)
    {
        LoggerConfiguration logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .ReadFrom.Configuration(configuration)
            .Enrich.FromLogContext();
        logger = format == LogFormat.Json
            ? logger.WriteTo.Console(
                new RenderedCompactJsonFormatter(),
                standardErrorFromLevel: LogEventLevel.Verbose,
                levelSwitch: console.Switch)
            : logger.WriteTo.Logger(lines => lines
                .MinimumLevel.Verbose()
                .Filter.ByExcluding(e => (!saysFailures && (IsFailure(e) || IsCheck(e))) || (console.ShowsProgress && IsOfJob(e)))
                .WriteTo.Console(
                    outputTemplate: TextTemplate,
                    formatProvider: CultureInfo.InvariantCulture,
                    standardErrorFromLevel: LogEventLevel.Verbose,
                    levelSwitch: console.Switch,
                    theme: Serilog.Sinks.SystemConsole.Themes.ConsoleTheme.None));
        logger = providers is null ? logger : logger.WriteTo.Providers(providers);
        return (file is null ? logger : ToFile(logger, file)).CreateLogger();
    }

    private static bool IsFailure(LogEvent line) =>
        line.Level == LogEventLevel.Error && line.Properties.TryGetValue("State", out LogEventPropertyValue? state) && state is ScalarValue { Value: string word } && word == JobState.Failed.ToText();

    // The tables of the result say it, once.
    private static bool IsCheck(LogEvent line) => line.Properties.ContainsKey("Check") && IsOfJob(line);

    // The display has told it already, in its own words.
    private static bool IsOfJob(LogEvent line) =>
        line.Properties.TryGetValue(Constants.SourceContextPropertyName, out LogEventPropertyValue? source) && source is ScalarValue { Value: string name } && name == typeof(LogObserver).FullName;

    private static LoggerConfiguration ToFile(LoggerConfiguration logger, LogFile file)
    {
        // One file a machine and day: services of several machines share the folder, and a second one on this takes the next number.
        string path = Path.Combine(file.Folder, $"differential-{Queue.JobId.From(Environment.MachineName)}-.log");
        LogFileOptions options = file.Options;
        return options.Format == LogFormat.Json
            ? logger.WriteTo.File(
                new RenderedCompactJsonFormatter(),
                path,
                fileSizeLimitBytes: options.MaxBytes,
                rollingInterval: RollingInterval.Day,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: options.Files)
            : logger.WriteTo.File(
                path,
                outputTemplate: FileTemplate,
                formatProvider: CultureInfo.InvariantCulture,
                fileSizeLimitBytes: options.MaxBytes,
                rollingInterval: RollingInterval.Day,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: options.Files);
    }
}
