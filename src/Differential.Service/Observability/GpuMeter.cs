using System.Diagnostics.Metrics;

namespace Differential.Service.Observability;

/// <summary>The GPUs of this machine in metrics and on the page; nothing at all on a machine without the driver.</summary>
internal sealed class GpuMeter
{
    private readonly Nvml? _library;

    public GpuMeter(ServiceMeter meter, Nvml? library)
    {
        _library = library;
        if (library is not null)
        {
            Register(meter, Read);
        }
    }

    /// <summary>The GPUs now.</summary>
    public IReadOnlyList<GpuReading> Read() => _library?.Read() ?? [];

    /// <summary>Adds the gauges.</summary>
    internal static void Register(ServiceMeter meter, Func<IReadOnlyList<GpuReading>> gpus)
    {
        ArgumentNullException.ThrowIfNull(meter);
        meter.Observe("differential.gpu.utilization", null, "Share of the latest moments in which a kernel ran, of each GPU of the machine.", () => Measure(static g => g.Utilization));
        meter.Observe("differential.gpu.memory.used", "By", "Memory that all processes hold on each GPU of the machine.", () => Measure(static g => g.MemoryUsedBytes));
        meter.Observe("differential.gpu.memory.total", "By", "Memory of each GPU of the machine.", () => Measure(static g => g.MemoryTotalBytes));
        meter.Observe("differential.gpu.power.watts", null, "What each GPU of the machine draws.", () => Measure(static g => g.PowerWatts));

        IEnumerable<Measurement<double>> Measure(Func<GpuReading, double?> read) => gpus()
            .Where(gpu => read(gpu) is not null)
            .Select(gpu => new Measurement<double>(read(gpu)!.Value, new KeyValuePair<string, object?>("gpu", gpu.Index), new KeyValuePair<string, object?>("name", gpu.Name)));
    }
}
