using Differential.Core;
using Differential.Kernels.Devices;
using Differential.Service.Kinds;
using Differential.Service.Observability;
using Differential.Service.Runs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>The host of a command: configuration, logging and the services of jobs.</summary>
internal static class AppHost
{
    private const string Variables = "DIFFERENTIAL__";

    /// <param name="options">What the command line says; it goes before the configuration.</param>
    /// <param name="configure">Further services, of one command alone.</param>
    /// <param name="logFile">The log file that the configuration asks for; none where null.</param>
    /// <exception cref="InputException">The configuration is wrong.</exception>
    public static IHost Create(GlobalOptions options, Action<HostApplicationBuilder>? configure = null, Func<IConfiguration, LogFile?>? logFile = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "differential" });
        AddConfiguration(builder.Configuration);
        AppSettings settings = AppSettings.Of(builder.Configuration);
        settings = settings with
        {
            LogFormat = options.LogFormat ?? settings.LogFormat,
            Device = options.Device ?? settings.Device,
            Threads = options.Threads ?? settings.Threads,
        };
        var level = new ConsoleLevel(new LoggingLevelSwitch(LogEventLevel.Verbose));
        if (options.Quiet)
        {
            level.OnlyWarnings();
        }

        LogFile? file = logFile?.Invoke(builder.Configuration);
        LoggerProviderCollection? providers = Telemetry.Read(builder.Configuration, Environment.GetEnvironmentVariables()) ? new LoggerProviderCollection() : null;
        Logger logger = CreateLogger(() => Logging.Create(builder.Configuration, settings.LogFormat, level, file, saysFailures: configure is not null, providers));
        builder.Services.AddSerilog(logger, dispose: true, providers);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(level);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(_ => DeviceCatalog.Discover());
        builder.Services.AddSingleton<LiveJobs>();
        builder.Services.AddSingleton<ServiceMeter>();
        builder.Services.AddSingleton<OpenDevice>(DeviceCatalog.Open);
        builder.Services.AddSingleton(services => DeviceSettingsOf(services.GetRequiredService<AppSettings>()));
        builder.Services.AddSingleton<DeviceOpener>();
        builder.Services.AddSingleton<JobRunner>();
        builder.Services.AddSingleton(new JobLimits(settings.Limits));
        builder.Services.AddJobKinds();
        builder.Services.AddSingleton<Rapl>();
        builder.Services.AddSingleton(_ => new NvmlLibrary(Nvml.Open()));
        configure?.Invoke(builder);
        if (providers is not null)
        {
            Telemetry.Add(builder);
        }

        IHost host = builder.Build();
        if (providers is not null)
        {
            Telemetry.Start(host.Services);
        }

        return host;
    }

    /// <summary>The configuration alone, for commands that need no host.</summary>
    /// <exception cref="InputException">A file of it is unreadable or no JSON, or a setting is unknown.</exception>
    public static IConfiguration Configuration()
    {
        var configuration = new ConfigurationManager();
        AddConfiguration(configuration);
        return configuration;
    }

    private static DeviceSettings DeviceSettingsOf(AppSettings settings) => new(settings.Threads, settings.CudaGraphs, settings.Limits.MaxDeviceMemoryBytes);

    private static Logger CreateLogger(Func<Logger> create)
    {
        try
        {
            return create();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or IOException or UnauthorizedAccessException)
        {
            // A section of another program may name sinks and levels that are not here.
            throw new InputException("configuration", "Serilog", exception.GetBaseException().Message.TrimEnd('.').ReplaceLineEndings(" "), "what docs/configuration.md lists");
        }
    }

    private static void AddConfiguration(ConfigurationManager configuration)
    {
        SettingsFiles.Add(configuration);
        configuration.AddEnvironmentVariables(Variables);
        SettingNames.Check(configuration, Variables);
    }
}
