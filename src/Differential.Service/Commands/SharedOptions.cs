using System.CommandLine;
using Differential.Service.Hosting;

namespace Differential.Service.Commands;

/// <summary>Options of several commands.</summary>
internal static class SharedOptions
{
    public static Option<LogFormat?> LogFormat { get; } = CreateLogFormat();

    public static Option<bool> Quiet { get; } = new("--quiet", "-q")
    {
        Description = "Standard error has warnings and errors alone: no progress, no log lines. Results are printed as ever.",
        Recursive = true,
    };

    public static Option<string?> Device { get; } = new("--device")
    {
        Description = "auto, simd, cuda, cuda:1, opencl, opencl:0 or ilgpu-cpu; goes before the job's own device.",
    };

    public static Option<int?> Threads { get; } = WholeNumber.Between("--threads", "Threads of the SIMD device; 0 takes one per core.", 0, AppSettings.MaxThreads);

    public static Option<string?> Output { get; } = new("--output")
    {
        Description = "The run's folder; runs/<name or kind>-<id> by default.",
    };

    public static Option<string?> Root { get; } = new("--root")
    {
        Description = "The service's folder; 'service' by default, or what the configuration says.",
    };

    public static Option<bool> Json { get; } = new("--json") { Description = "Prints JSON." };

    public static Option<bool> Fresh { get; } = new("--fresh")
    {
        Description = "Starts anew: what the run's folder holds of an earlier run is removed.",
    };

    public static Option<bool> Exact { get; } = new("--exact")
    {
        Description = "Refuses to go on from a checkpoint of another version, device or vector width, where the result would have other bits.",
    };

    public static GlobalOptions Read(ParseResult parsed) => new()
    {
        LogFormat = parsed.GetValue(LogFormat),
        Quiet = parsed.GetValue(Quiet),
        Device = Optional(parsed, Device),
        Threads = parsed.GetResult(Threads) is null ? null : parsed.GetValue(Threads),
    };

    private static string? Optional(ParseResult parsed, Option<string?> option) => parsed.GetResult(option) is null ? null : parsed.GetValue(option);

    private static Option<LogFormat?> CreateLogFormat()
    {
        Option<LogFormat?> option = new("--log-format") { Description = "How log lines are written to standard error: text (default) or json.", Recursive = true };
        option.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !Enum.GetNames<LogFormat>().Contains(result.Tokens[0].Value, StringComparer.OrdinalIgnoreCase))
            {
                result.AddError($"'{result.Tokens[0].Value}'; allowed: text, json");
            }
        });
        return option;
    }
}
