using System.Diagnostics.Metrics;
using System.Reflection;
using Differential.Service.Observability;
using Differential.Service.Runs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Differential.Service.Hosting;

/// <summary>
/// OpenTelemetry: metrics, traces and logs by OTLP where the environment names a receiver (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, or the one of a
/// signal). The SDK reads its own variables from the host's configuration, which must therefore hold them.
/// </summary>
internal static class Telemetry
{
    private const string Prefix = "OTEL_";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Series of one instrument at most; what comes on top is added up in one.</summary>
    private const int MostSeries = 200;

    /// <summary>The same of flip rates, which have a series for each network, split, attack and budget.</summary>
    private const int MostFlipRates = 2_000;

    /// <summary>Puts the environment's variables of OpenTelemetry into the configuration.</summary>
    /// <returns>Whether anything is to be sent.</returns>
    public static bool Read(IConfigurationBuilder configuration, System.Collections.IDictionary environment)
    {
        Dictionary<string, string?> variables = [];
        foreach (System.Collections.DictionaryEntry variable in environment)
        {
            if (variable.Key is string name && name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                variables[name] = variable.Value as string;
            }
        }

        bool isOff = string.Equals(variables.GetValueOrDefault("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
        bool isAsked = ((string[])[Endpoint, .. Signals.Select(static s => $"OTEL_EXPORTER_OTLP_{s}_ENDPOINT")]).Any(name => !string.IsNullOrEmpty(variables.GetValueOrDefault(name)));
        if (isOff || !isAsked)
        {
            return false;
        }

        configuration.AddInMemoryCollection(variables);
        return true;
    }

    private static readonly string[] Signals = ["METRICS", "TRACES", "LOGS"];

    /// <summary>Adds the signals that are sent; one whose <c>OTEL_…_EXPORTER</c> is none is not.</summary>
    public static void Add(HostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(Describe);
        if (Sends("METRICS"))
        {
            telemetry.WithMetrics(static metrics => metrics.AddMeter(ServiceMeter.Name).AddRuntimeInstrumentation().AddView(Bound).AddOtlpExporter());
        }

        if (Sends("TRACES"))
        {
            telemetry.WithTracing(static traces => traces.AddSource(TraceObserver.Source).AddOtlpExporter());
        }

        if (Sends("LOGS"))
        {
            telemetry.WithLogging(static logs => logs.AddOtlpExporter(), static options => (options.IncludeFormattedMessage, options.IncludeScopes) = (true, true));
        }

        bool Sends(string signal) => !string.Equals(builder.Configuration[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Makes what sends: a command that starts no host would send nothing otherwise.</summary>
    public static void Start(IServiceProvider services)
    {
        // Made before what reads it, and therefore disposed of after its last reading.
        services.GetRequiredService<ServiceMeter>();
        services.GetService<MeterProvider>();
        services.GetService<TracerProvider>();
        services.GetService<LoggerProvider>();
    }

    // What the environment says of the resource goes before what the program says of itself.
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("differential", serviceVersion: typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0], serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
        .AddAttributes(
        [
            new("host.name", Environment.MachineName),
            new("process.pid", Environment.ProcessId),
            new("process.runtime.name", ".NET"),
            new("process.runtime.version", Environment.Version.ToString()),
        ])
        .AddEnvironmentVariableDetector();

    private static MetricStreamConfiguration? Bound(Instrument instrument)
    {
        if (instrument.Meter.Name != ServiceMeter.Name)
        {
            return null;
        }

        return instrument is Histogram<double>
            ? new ExplicitBucketHistogramConfiguration { Boundaries = [.. MetricSeries.Bounds], CardinalityLimit = MostSeries }
            : new MetricStreamConfiguration { CardinalityLimit = instrument.Name == ServiceMeter.FlipRate ? MostFlipRates : MostSeries };
    }
}
