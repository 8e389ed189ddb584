using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Json;

namespace Differential.Service.Hosting;

/// <summary>The level from which log lines go to the console; raised while a progress display is on it.</summary>
/// <param name="Switch">Serilog's switch.</param>
internal sealed record ConsoleLevel(LoggingLevelSwitch Switch)
{
    public void OnlyWarnings() => Switch.MinimumLevel = LogEventLevel.Warning;

    public void Everything() => Switch.MinimumLevel = LogEventLevel.Verbose;
}

/// <summary>Serilog as every log line is written by it.</summary>
internal static class Logging
{
    private const string TextTemplate = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}";

    /// <summary>Largest log file of a run, in bytes; the file rolls over beyond it.</summary>
    private const long MaxFileBytes = 64L << 20;

    /// <summary>Standard error as text or JSON lines; levels by the configuration's section <c>Serilog</c>.</summary>
    public static Logger Create(IConfiguration configuration, LogFormat format, LoggingLevelSwitch consoleLevel)
    {
        consoleLevel.MinimumLevel = LogEventLevel.Verbose;
        LoggerConfiguration logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .ReadFrom.Configuration(configuration)
            .Enrich.FromLogContext();
        logger = format == LogFormat.Json
            ? logger.WriteTo.Console(
                new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture),
                standardErrorFromLevel: LogEventLevel.Verbose,
                levelSwitch: consoleLevel)
            : logger.WriteTo.Console(
                outputTemplate: TextTemplate,
                formatProvider: CultureInfo.InvariantCulture,
                standardErrorFromLevel: LogEventLevel.Verbose,
                levelSwitch: consoleLevel,
                theme: Serilog.Sinks.SystemConsole.Themes.ConsoleTheme.None);
        return logger.CreateLogger();
    }

    /// <summary>Writes both to <paramref name="parent"/> and, as JSON lines, to a file; each event carries the job's id.</summary>
    public static Logger ForRun(Serilog.ILogger parent, string file, string id) => new LoggerConfiguration()
        .MinimumLevel.Debug()
        .Enrich.WithProperty("JobId", id)
        .WriteTo.Logger(parent)
        .WriteTo.File(
            new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture),
            file,
            fileSizeLimitBytes: MaxFileBytes,
            rollOnFileSizeLimit: true,
            retainedFileCountLimit: 4)
        .CreateLogger();

    public static void AddSerilogProvider(this IServiceCollection services, Logger logger)
    {
        services.AddSingleton<Serilog.ILogger>(logger);
        services.AddSingleton<ILoggerProvider>(_ => new SerilogLoggerProvider(logger, dispose: true));
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace));
    }
}
