using System.CommandLine;
using System.Text.Json;
using Differential.Kernels.Devices;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Commands;

/// <summary><c>differential devices</c>: what there is, what is missing and why, and what <c>auto</c> takes.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var command = new Command("devices", "Lists every device, why one is missing, and which one auto takes.") { SharedOptions.Json };
        command.SetAction(parsed =>
        {
            using IHost host = AppHost.Create(SharedOptions.Read(parsed));
            Write(host.Services.GetRequiredService<DeviceCatalog>(), parsed.GetValue(SharedOptions.Json), Console.Out);
            return ExitCode.Done;
        });
        return command;
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

    private sealed record ListedDevice(string Id, DeviceKind Kind, string Name, long MemoryBytes, string Details, IReadOnlyList<MatrixPrecision> Precisions, bool Auto);
}
