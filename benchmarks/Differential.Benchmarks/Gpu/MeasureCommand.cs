using System.Text.Json;
using Differential.Benchmarks.Kernels;
using Differential.Benchmarks.Peers;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Gpu;

/// <summary>
/// Rates as JSON lines: of works (<see cref="PeerWorks"/>, each with a number behind a colon), of <c>limit</c>, what the device can do at most, and of
/// <c>kernels</c> or <c>kernels:PART</c>, each operation with the kernels that it started. Several are separated by commas; what fails is a line
/// too, and the others go on.
/// </summary>
internal static class MeasureCommand
{
    /// <returns>1 where one of them failed.</returns>
    public static int Run(string works, BenchmarkOptions options, TextWriter output)
    {
        using ComputeDevice device = options.Open();
        double limit = DeviceLimit.GigaFlops(device, options.Settings.Threads);
        bool failed = false;
        foreach (string work in works.Split(','))
        {
            try
            {
                Measure(work, device, options, limit, output);
            }
#pragma warning disable CA1031 // told as a result; the other works go on
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failed = true;
                Write(output, new { work, device = device.Info.Id, error = $"{exception.GetType().Name}: {exception.Message}" });
            }
        }

        return failed ? 1 : 0;
    }

    private static void Measure(string work, ComputeDevice device, BenchmarkOptions options, double limit, TextWriter output)
    {
        string[] parts = work.Split(':');
        switch (parts[0])
        {
            case "limit":
                Write(output, new { work, device = device.Info.Id, name = device.Info.Name, gigaFlops = Round(limit) });
                break;
            case "kernels":
                foreach ((string name, Func<ComputeDevice, KernelWork> create) in KernelWorks.All.Where(entry => parts.Length == 1 || entry.Key.Contains(parts[1], StringComparison.OrdinalIgnoreCase)))
                {
                    MeasureKernel(name, create, device, limit, output);
                }

                break;
            default:
                MeasureWork(work, device, options, limit, output);
                break;
        }
    }

    private static void MeasureWork(string work, ComputeDevice device, BenchmarkOptions options, double limit, TextWriter output)
    {
        using IPeerWork running = PeerWorks.Create(work, device, options.Activations) ?? throw new ArgumentException($"no work {work}; known: {string.Join(", ", PeerWorks.Names)}, limit, kernels", nameof(work));
        (double fastest, double median) = QuickRun.Measure(device, running.Run);
        (double count, double operations) = WorkCost.Of(work);
        double gigaFlops = operations / median / 1e9;
        Write(output, new
        {
            work,
            device = device.Info.Id,
            precision = options.Settings.Precision.ToString(),
            graphs = options.Settings.Graphs,
            medianMs = Round(median * 1e3),
            fastestMs = Round(fastest * 1e3),
            perSecond = Round(count / median),
            gigaFlops = Round(gigaFlops),
            shareOfFloat32Limit = Round(gigaFlops / limit),
            peakBytes = device.PeakBytes,
        });
    }

    private static void MeasureKernel(string name, Func<ComputeDevice, KernelWork> create, ComputeDevice device, double limit, TextWriter output)
    {
        var before = (device as IlgpuDevice)?.Kernels.Count;
        using KernelWork work = create(device);
        (double fastest, double median) = QuickRun.Measure(device, work.Run);
        double gigaFlops = work.Operations / median / 1e9;
        Write(output, new
        {
            kernel = name,
            device = device.Info.Id,
            medianMs = Round(median * 1e3),
            fastestMs = Round(fastest * 1e3),
            gigaFlops = Round(gigaFlops),
            shareOfFloat32Limit = Round(gigaFlops / limit),
            gigaBytes = Round(work.Bytes / median / 1e9),
            gigaPairs = Round(work.Pairs / median / 1e9),
            launched = device is IlgpuDevice ilgpu ? ilgpu.Footprints.Skip(before ?? 0).ToArray() : [],
        });
    }

    private static double? Round(double value) => double.IsFinite(value) && value != 0 ? double.Parse(value.ToString("G4", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture) : null;

    private static void Write(TextWriter output, object line)
    {
        output.WriteLine(JsonSerializer.Serialize(line));
        output.Flush();
    }
}
