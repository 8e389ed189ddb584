using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Differential.Core.Checks;
using Differential.Kernels.Devices;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Commands;

/// <summary><c>differential devices</c>: what there is, what is missing and why, and what <c>auto</c> takes; with <c>--check</c>, whether one computes right.</summary>
internal static class DevicesCommand
{
    private static readonly Option<string?> Check = new("--check")
    {
        Description = "Trains and attacks small networks on this device (auto, cuda, cuda:1, opencl, …) and on simd, and compares; status 1 where they differ.",
    };

    public static Command Create()
    {
        var command = new Command("devices", "Lists every device, why one is missing, and which one auto takes.") { SharedOptions.Json, Check };
        command.SetAction((parsed, cancellation) =>
        {
            using IHost host = AppHost.Create(SharedOptions.Read(parsed));
            bool json = parsed.GetValue(SharedOptions.Json);
            if (parsed.GetValue(Check) is { } name)
            {
                DeviceOpener opener = host.Services.GetRequiredService<DeviceOpener>();
                host.Services.GetRequiredService<ConsoleLevel>().OnlyWarnings();
                ILogger logger = host.Services.GetRequiredService<ILogger<DeviceOpener>>();
                return Task.FromResult(CheckDevice(opener, opener.Find(name, "arguments", "--check"), logger, json, Console.Out, cancellation));
            }

            Write(host.Services.GetRequiredService<DeviceCatalog>(), json, Console.Out);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    /// <summary>The check in each precision that the device has.</summary>
    private static int CheckDevice(DeviceOpener opener, DeviceInfo device, ILogger logger, bool json, TextWriter output, CancellationToken cancellation)
    {
        var lines = new List<CheckedPart>();
        if (!json)
        {
            output.WriteLine($"{device.Id}: {device.Name}, beside simd");
        }

        foreach (MatrixPrecision precision in device.Precisions)
        {
            using ComputeDevice open = opener.Open(device, precision, ConvolutionMethod.Direct, logger);
            foreach (DeviceCheckResult part in DeviceCheck.Run(open, precision, cancellation))
            {
                lines.Add(new CheckedPart(device.Id, precision, part.Name, double.IsFinite(part.Difference) ? part.Difference : null, part.Allowed, part.IsRepeated, part.Passed, part.Error));
                if (!json)
                {
                    string found = part.Error ?? string.Create(
                        CultureInfo.InvariantCulture,
                        $"off by {part.Difference:0.0E0} (at most {part.Allowed:0.0E0}), {(part.IsRepeated ? "the same bits twice" : "other bits the second time")}");
                    output.WriteLine($"{(part.Passed ? "passed" : "FAILED")}  {DeviceOpener.NameOf(precision)}, {part.Name}: {found}");
                }
            }
        }

        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(lines, JobJson.Options));
        }

        return lines.TrueForAll(static line => line.Passed) ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Write(DeviceCatalog catalog, bool json, TextWriter output)
    {
        var list = new DeviceList(
            catalog.Auto.Id,
            [.. catalog.Available.Select(d => new ListedDevice(d.Id, d.Kind, d.Name, d.MemoryBytes, d.Details, d.Precisions, d.Id == catalog.Auto.Id))],
            catalog.Missing);
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(list, JobJson.Options));
            return;
        }

        int width = list.Available.Select(d => d.Id.Length).Concat(list.Missing.Select(m => m.Id.Length)).Max();
        foreach (ListedDevice device in list.Available)
        {
            string memory = device.MemoryBytes > 0 ? $", {device.MemoryBytes / (double)(1 << 30):0.0} GiB" : string.Empty;
            output.WriteLine($"{(device.Auto ? "*" : " ")} {device.Id.PadRight(width)}  {device.Name}, {device.Details}{memory}");
        }

        foreach (MissingDevice device in list.Missing)
        {
            output.WriteLine($"- {device.Id.PadRight(width)}  missing: {device.Reason}");
        }

        output.WriteLine($"* is what auto takes: {list.Auto}");
    }

    private sealed record DeviceList(string Auto, IReadOnlyList<ListedDevice> Available, IReadOnlyList<MissingDevice> Missing);

    private sealed record CheckedPart(string Device, MatrixPrecision Precision, string Part, double? Difference, double Allowed, bool IsRepeated, bool Passed, string? Error);

    private sealed record ListedDevice(string Id, DeviceKind Kind, string Name, long MemoryBytes, string Details, IReadOnlyList<MatrixPrecision> Precisions, bool Auto);
}
