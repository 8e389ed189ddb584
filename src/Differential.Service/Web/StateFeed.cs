using System.Diagnostics.Metrics;
using System.Text.Json;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Observability;
using Differential.Service.Progress;
using Differential.Service.Queue;
using Differential.Service.Runs;

namespace Differential.Service.Web;

/// <summary>Reads the service's state from its folders and this process, at most once a second however many ask.</summary>
internal sealed class StateFeed
{
    /// <summary>How long the loop may stand still before it counts as hung; a slow network folder is not.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int Shown = 50;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly ServiceRoot _root;
    private readonly ServiceOptions _options;
    private readonly LiveJobs _live;
    private readonly LoopPulse _pulse;
    private readonly Troubles _troubles;
    private readonly TimeProvider _time;
    private readonly IncomingIndex _incoming;
    private readonly EndedIndex _ended;
    private readonly GpuMeter? _gpus;
    private ServiceState? _state;
    private long _read;

    public StateFeed(
        ServiceRoot root, ServiceOptions options, LiveJobs live, LoopPulse pulse, Troubles troubles, ServiceMeter meter, IncomingIndex incoming, EndedIndex ended, TimeProvider time, GpuMeter? gpus = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(meter);
        (_root, _options, _live, _pulse, _troubles, _time) = (root, options, live, pulse, troubles, time);
        (_incoming, _ended, _gpus) = (incoming, ended, gpus);
        meter.Observe("differential.jobs", "Jobs in the service's root by state; incomplete are files still being written.", CountStates);
    }

    /// <summary>Why the service takes no jobs, one sentence; null where it does.</summary>
    public string? Trouble()
    {
        if (_pulse.Count == 0)
        {
            return "the queue's loop has not started";
        }

        if (!IsAlive)
        {
            return $"the queue's loop has stood still for {_pulse.Age.TotalSeconds:0} s";
        }

        if (_troubles.Current is { } trouble)
        {
            return trouble;
        }

        if (!Directory.Exists(_root.Incoming))
        {
            return "the service's folder is gone";
        }

        return DiskSpace.Free(_root.Path) < _options.Queue.MinimumFreeBytes ? "too little room on the disk: no job is taken" : null;
    }

    /// <summary>Whether the queue's loop turns.</summary>
    public bool IsAlive => _pulse.Age < Patience;

    public ServiceState Current()
    {
        lock (_lock)
        {
            if (_state is null || _time.GetElapsedTime(_read) >= Fresh)
            {
                _state = Read();
                _read = _time.GetTimestamp();
            }

            return _state;
        }
    }

    private ServiceState Read()
    {
        string? trouble = Trouble();
        List<RunningView> running = [];
        try
        {
            _incoming.ScanAtPace(hinted: false);
            _ended.Refresh();
            running = [.. Running()];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            trouble ??= exception.Message;
        }

        return new ServiceState
        {
            Root = _root.Path,
            Alive = IsAlive,
            Trouble = trouble,
            Counts = new JobCounts(
                _incoming.Ready.Count,
                _incoming.Unsettled,
                _incoming.Unreadable.Count,
                running.Count(j => !j.Interrupted),
                running.Count(j => j.Interrupted),
                _ended.Count(JobState.Done),
                _ended.Count(JobState.Failed),
                _ended.Count(JobState.Cancelled)),
            Running = running,
            Queued = [.. _incoming.Ready.Take(Shown).Select(Waiting)],
            Ended = [.. _ended.All.Take(Shown)],
            Gpus = _gpus?.Read() is { Count: > 0 } gpus ? gpus : null,
        };
    }

    internal static QueuedView Waiting(IncomingJob job) => new(
        job.Id,
        job.Kind,
        new DateTimeOffset(job.Modified, TimeSpan.Zero),
        job.Priority,
        job.Device,
        job.After.Count == 0 ? null : job.After);

    private IEnumerable<RunningView> Running()
    {
        foreach (string worker in Directory.EnumerateDirectories(_root.Active).Where(w => !Path.GetFileName(w).StartsWith('.')).Order(StringComparer.Ordinal))
        {
            bool isGone = WorkerLease.IsGone(worker);
            foreach (string file in Directory.EnumerateFiles(worker, "*.json").Order(StringComparer.Ordinal))
            {
                yield return View(Path.GetFileNameWithoutExtension(file), Path.GetFileName(worker), file) with { Interrupted = isGone };
            }
        }
    }

    private RunningView View(string id, string worker, string file)
    {
        LiveJob? live = _live.Find(id);
        JobTicket? ticket = JobTicket.Read(_root, id);

        // A job in a process of its own tells this one by its folder alone.
        JobProgress? progress = live?.Progress ?? ProgressFile.Read(Path.Combine(_root.RunFolder(id), "progress.json"));
        (string? kind, string? name, string? device) = Describe(Path.Combine(_root.RunFolder(id), "job.json"));
        return new RunningView
        {
            Id = id,
            Worker = worker,
            Since = ticket?.Started ?? ticket?.Claimed ?? new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero),
            Kind = kind,
            Name = name,
            Device = live?.Device ?? device,
            Attempts = ticket?.Attempts ?? 0,
            Cancelling = File.Exists(Path.ChangeExtension(file, ".cancel")),
            Model = live?.Model,
            Phase = live?.Phase,
            Fraction = progress?.Fraction,
            Progress = progress?.ToText(),
            SecondsLeft = progress?.SecondsLeft,
            ImagesPerSecond = live?.ImagesPerSecond ?? live?.AttackedPerSecond ?? progress?.ImagesPerSecond,
        };
    }

    private static (string? Kind, string? Name, string? Device) Describe(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return (Text("kind"), Text("name"), Text("device"));

            string? Text(string field) =>
                document.RootElement.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            // Not there yet, or being replaced.
            return (null, null, null);
        }
    }

    private IEnumerable<Measurement<long>> CountStates()
    {
        JobCounts counts = Current().Counts;
        return
        [
            Of(counts.Queued, JobState.Queued.ToText()), Of(counts.Incomplete, "incomplete"), Of(counts.Unreadable, "unreadable"), Of(counts.Running, JobState.Running.ToText()), Of(counts.Interrupted, JobState.Interrupted.ToText()),
            Of(counts.Done, JobState.Done.ToText()), Of(counts.Failed, JobState.Failed.ToText()), Of(counts.Cancelled, JobState.Cancelled.ToText()),
        ];

        static Measurement<long> Of(int count, string state) => new(count, new KeyValuePair<string, object?>("state", state));
    }
}
