using System.Diagnostics;
using System.Diagnostics.Metrics;
using Differential.Kernels.Devices;

namespace Differential.Service.Observability;

/// <summary>
/// The program's instruments, of the meter <c>Differential</c>. Counters and the histogram are fed by whoever does the work;
/// gauges that describe a running job are read from <see cref="LiveJobs"/> when somebody asks.
/// </summary>
internal sealed class ServiceMeter : IDisposable
{
    public const string Name = "Differential";

    /// <summary>The instrument of flip rates.</summary>
    public const string FlipRate = "differential.attack.flip.rate";

    private readonly Meter _meter = new(Name);
    private readonly List<ComputeDevice> _devices = [];
    private readonly Counter<double> _compileTime;
    private readonly Counter<long> _kernels;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _durations;

    public ServiceMeter(LiveJobs live)
    {
        ArgumentNullException.ThrowIfNull(live);
        _compileTime = _meter.CreateCounter<double>("differential.kernel.compile", "s", "Time spent compiling kernels.");
        _kernels = _meter.CreateCounter<long>("differential.kernels.compiled", null, "Kernels compiled.");
        _ended = _meter.CreateCounter<long>("differential.jobs.ended", null, "Jobs that this process ran to an end or was interrupted in, by kind and state.");
        _durations = _meter.CreateHistogram<double>("differential.job.duration", "s", "Time from a job's start in this process to its end, by kind and state.");
        _meter.CreateObservableGauge("differential.device.memory", Memory, "By", "Device memory that running jobs hold.");
        _meter.CreateObservableGauge("differential.process.memory", () => Environment.WorkingSet, "By", "Memory of the process that is resident.");
        foreach ((string name, string? unit, string description, Func<LiveJob, double?> read) in JobGauges)
        {
            _meter.CreateObservableGauge(name, () => live.Measure(read), unit, description);
        }

        _meter.CreateObservableGauge("differential.training.accuracy", live.MeasureAccuracies, null, "Share of samples decided correctly, of jobs that run or ended lately.");
        _meter.CreateObservableGauge(FlipRate, live.MeasureFlipRates, null, "Share of attacked samples that were flipped, of jobs that run or ended lately.");
    }

    /// <summary>The meter, by which an exporter tells its instruments from those of other instances.</summary>
    public Meter Meter => _meter;

    private static IEnumerable<(string Name, string? Unit, string Description, Func<LiveJob, double?> Read)> JobGauges =>
    [
        ("differential.training.images.per.second", null, "Training samples per second, of jobs that run or ended lately.", job => job.ImagesPerSecond),
        ("differential.training.loss", null, "The latest epoch's mean loss, of jobs that run or ended lately.", job => job.Loss),
        ("differential.training.score.margin", null, "Smallest y·score of the training samples, of jobs that run or ended lately.", job => job.ScoreMargin),
        ("differential.attack.images.per.second", null, "Attacked samples that are done per second, of jobs that run or ended lately.", job => job.AttackedPerSecond),
        ("differential.job.progress", null, "Share of the whole job that is done, of jobs that run.", job => job.Progress?.Fraction),
        ("differential.job.remaining", "s", "Time that is left of the job by the speed so far, of jobs that run.", job => job.Progress?.SecondsLeft),
    ];

    /// <summary>Adds gauges that somebody else reads.</summary>
    public void Observe(string name, string description, Func<IEnumerable<Measurement<long>>> read) => _meter.CreateObservableGauge(name, read, null, description);

    /// <summary>The same with a unit.</summary>
    public void Observe(string name, string? unit, string description, Func<IEnumerable<Measurement<double>>> read) => _meter.CreateObservableGauge(name, read, unit, description);

    public void KernelCompiled(string device, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>("device", device);
        _compileTime.Add(duration.TotalSeconds, tag);
        _kernels.Add(1, tag);
    }

    public void JobEnded(string kind, string state, double seconds)
    {
        TagList tags = new() { { "kind", kind }, { "state", state } };
        _ended.Add(1, tags);
        _durations.Record(seconds, tags);
    }

    /// <summary>Counts a device's memory until the returned object is disposed.</summary>
    public IDisposable Watch(ComputeDevice device)
    {
        lock (_devices)
        {
            _devices.Add(device);
        }

        return new Watched(this, device);
    }

    public void Dispose() => _meter.Dispose();

    private List<Measurement<long>> Memory()
    {
        lock (_devices)
        {
            return [.. _devices.GroupBy(d => d.Info.Id).Select(g => new Measurement<long>(g.Sum(d => d.AllocatedBytes), new KeyValuePair<string, object?>("device", g.Key)))];
        }
    }

    private sealed class Watched(ServiceMeter meter, ComputeDevice device) : IDisposable
    {
        public void Dispose()
        {
            lock (meter._devices)
            {
                meter._devices.Remove(device);
            }
        }
    }
}
