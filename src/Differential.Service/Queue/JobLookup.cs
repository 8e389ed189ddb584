using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core.Files;
using Differential.Service.Jobs;
using Differential.Service.Progress;
using Differential.Service.Runs;

namespace Differential.Service.Queue;

/// <summary>A job as a person sees it from outside.</summary>
public sealed record JobView
{
    public required string Id { get; init; }

    public required JobState State { get; init; }

    /// <summary>The job's file.</summary>
    public required string File { get; init; }

    /// <summary>When the state was reached (queued: when the file was handed in).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The name of the file that was handed in.</summary>
    public string? Source { get; init; }

    public int? Priority { get; init; }

    /// <summary>The ids that a queued job waits for, without those that are done.</summary>
    public IReadOnlyList<string>? WaitsFor { get; init; }

    public string? Worker { get; init; }

    /// <summary>Starts since the job last came further.</summary>
    public int? Attempts { get; init; }

    /// <summary>Whether somebody has asked for its end.</summary>
    public bool? Cancelling { get; init; }

    /// <summary>How far a running or interrupted job is.</summary>
    public JobProgress? Progress { get; init; }

    /// <summary>The latest line of metrics.jsonl.</summary>
    public JsonNode? Metrics { get; init; }

    /// <summary>Why it failed.</summary>
    public JobError? Error { get; init; }
}

/// <summary>Reads the state of a root's jobs from its folders, without the service's help.</summary>
public sealed class JobLookup(ServiceRoot root)
{
    private const int LongestMetricsLine = 64 << 10;

    private static readonly QueueOptions Patient = new() { SettleTime = TimeSpan.Zero };

    private readonly IndexFile _file = new(root);
    private IncomingIndex? _incoming;
    private EndedIndex? _ended;
    private readonly IncomingNames _names = new(root, Patient, TimeProvider.System);
    private List<string>? _files;
    private readonly Dictionary<string, JobState?> _states = [];
    private readonly HashSet<string> _unreadable = [];

    /// <summary>The waiting jobs, first to be taken first; files that do not parse come as they are.</summary>
    public IReadOnlyList<JobView> Queued() => [.. Incoming.Ready.Where(j => !_unreadable.Contains(j.Name)).Select(QueuedView)];

    /// <summary>A waiting job as it is shown.</summary>
    internal JobView QueuedView(IncomingJob job) => new()
    {
        Id = job.Id,
        State = JobState.Queued,
        File = Path.Combine(root.Incoming, job.Name),
        Since = new DateTimeOffset(job.Modified, TimeSpan.Zero),
        Source = job.Name,
        Priority = job.Priority,
        WaitsFor = job.After.Where(a => !IsDone(a)).ToList() is { Count: > 0 } waits ? waits : null,
    };

    /// <summary>A job that has ended as lists show it, with no more than a line of them says.</summary>
    internal JobView EndedView(EndedJob job) => new()
    {
        Id = job.Id,
        State = job.State,
        File = ServiceRoot.JobFile(Ends().First(e => e.State == job.State).Folder, job.Id),
        Since = job.Ended,
        Metrics = job.State == JobState.Done ? LastLine(Path.Combine(root.RunFolder(job.Id), "metrics.jsonl")) : null,
        Error = job.Error is { } error ? new JobError { Id = job.Id, Message = error, Time = job.Ended } : null,
    };

    /// <summary>The counts and the jobs that come first: as the service wrote them where they still hold, else from the folders.</summary>
    internal QueueSummary Summary()
    {
        QueueSummary? written = _file.ReadSummary();
        if (written?.Holds(root) == true)
        {
            _files = [];
            return written;
        }

        // What the service could not read another user may; what it said of files that are still there holds.
        QueueSummary summary = QueueSummary.Of(Incoming, Ended);
        List<string> unreadable = [.. written?.Unreadable.Where(u => Incoming.Ready.Any(j => u.StartsWith($"{j.Name} (", StringComparison.Ordinal))) ?? []];
        _unreadable.UnionWith(unreadable.Select(u => u[..u.LastIndexOf(" (", StringComparison.Ordinal)]));
        summary = summary with
        {
            Queued = summary.Queued - unreadable.Count,
            Next = [.. Incoming.Ready.Where(j => !_unreadable.Contains(j.Name)).Take(QueueSummary.Shown)],
            Unreadable = [.. summary.Unreadable.Union(unreadable)],
        };
        if (_file.IsMine)
        {
            _file.WriteQueued(Incoming.Ready);
            _file.WriteSummary(summary);
        }

        return summary;
    }

    /// <summary>The jobs that workers hold: running, or interrupted where the worker is gone.</summary>
    public IReadOnlyList<JobView> Active() => Directory.Exists(root.Active)
        ? [.. Directory.EnumerateDirectories(root.Active).Where(w => !Path.GetFileName(w).StartsWith('.')).SelectMany(Jobs).Select(f => Find(Path.GetFileNameWithoutExtension(f))).OfType<JobView>().Where(j => j.Worker is not null)]
        : [];

    /// <summary>Where a job that others wait for stands, running wherever a worker holds it; null where there is no such job.</summary>
    public JobState? StateOf(string id)
    {
        if (!_states.TryGetValue(id, out JobState? state))
        {
            _states[id] = state = Look(id);
        }

        return state;
    }

    private JobState? Look(string id)
    {
        if (!JobId.IsValid(id))
        {
            return null;
        }

        return IncomingFile(id) is not null ? JobState.Queued
            : root.FindActive(id) is not null ? JobState.Running
            : Ends().Where(e => File.Exists(ServiceRoot.JobFile(e.Folder, id))).Select(e => (JobState?)e.State).FirstOrDefault();
    }

    /// <summary>A job by its id; null where there is none.</summary>
    public JobView? Find(string id)
    {
        if (!JobId.IsValid(id))
        {
            return null;
        }

        // A job moves on while this looks: the places are read in the order of its way, and once more from the start.
        for (int look = 0; look < 2; look++)
        {
            if (OwnFile(id) is { } own)
            {
                return QueuedView(id, own);
            }

            if (root.FindActive(id) is { } active)
            {
                string worker = Path.GetDirectoryName(active)!;
                return View(id, WorkerLease.IsGone(worker) ? JobState.Interrupted : JobState.Running, active) with { Worker = Path.GetFileName(worker), Cancelling = File.Exists(Path.ChangeExtension(active, ".cancel")) };
            }

            foreach ((JobState state, string folder) in Ends())
            {
                string file = ServiceRoot.JobFile(folder, id);
                if (File.Exists(file))
                {
                    return View(id, state, file) with { Error = state == JobState.Failed ? JobError.Read(root, id) : null };
                }
            }

            _files = null;
            if (OddFile(id) is { } odd)
            {
                return QueuedView(id, odd);
            }
        }

        return null;
    }

    /// <summary>The file in <c>incoming/</c> that would become the job of this id; null where there is none.</summary>
    public string? IncomingFile(string id) => OwnFile(id) ?? OddFile(id);

    private string? OwnFile(string id)
    {
        string name = JobTicket.ReservedFor(root, id) ?? id + ".json";
        string file = Path.Combine(root.Incoming, name);
        return File.Exists(file) && _names.IdOf(name) == id ? file : null;
    }

    // A file for which nobody has kept its id yet.
    private string? OddFile(string id)
    {
        _files ??= [.. Jobs(root.Incoming)];
        return _files.FirstOrDefault(file => JobId.From(Path.GetFileNameWithoutExtension(file)) is var stem
            && (id == stem || (id.StartsWith(stem, StringComparison.Ordinal) && id[stem.Length] == '-'))
            && _names.IdOf(Path.GetFileName(file)) == id);
    }

    private IncomingIndex Incoming
    {
        get
        {
            if (_incoming is null)
            {
                _incoming = QueueIndexes.Incoming(root, Patient, TimeProvider.System);

                // The second look lists what does not parse as well.
                _incoming.Scan();
                if (_incoming.Unsettled > 0)
                {
                    _incoming.Scan();
                }
            }

            return _incoming;
        }
    }

    private EndedIndex Ended => _ended ??= QueueIndexes.Ended(root, TimeProvider.System);

    private (JobState State, string Folder)[] Ends() => [(JobState.Done, root.Done), (JobState.Failed, root.Failed), (JobState.Cancelled, root.Cancelled)];

    internal static IEnumerable<string> Jobs(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        return Directory.EnumerateFiles(folder, "*.json").Where(f => !Path.GetFileName(f).StartsWith('.'));
    }

    private JobView QueuedView(string id, string file) =>
        IncomingIndex.Read(root, Patient, Path.GetFileName(file)) is { } job ? QueuedView(job with { Id = id }) : View(id, JobState.Queued, file);

    private bool IsDone(string id) => JobId.IsValid(id) && File.Exists(ServiceRoot.JobFile(root.Done, id));

    private JobView View(string id, JobState state, string file)
    {
        JobTicket? ticket = JobTicket.Read(root, id);
        return new JobView
        {
            Id = id,
            State = state,
            File = file,
            Source = ticket?.Source,
            Since = SinceOf(id, state, file, ticket),
            Attempts = ticket?.Attempts,
            Progress = state is JobState.Running or JobState.Interrupted ? ProgressFile.Read(Path.Combine(root.RunFolder(id), "progress.json")) : null,
            Metrics = LastLine(Path.Combine(root.RunFolder(id), "metrics.jsonl")),
        };
    }

    private DateTimeOffset SinceOf(string id, JobState state, string file, JobTicket? ticket) => state switch
    {
        JobState.Queued => File.GetLastWriteTimeUtc(file),
        JobState.Running or JobState.Interrupted => ticket?.Started ?? ticket?.Claimed ?? File.GetLastWriteTimeUtc(file),
        _ => new DateTimeOffset(JobEnd.TimeOf(root, id, file), TimeSpan.Zero),
    };

    private static JsonNode? LastLine(string file)
    {
        try
        {
            using FileStream stream = RegularFile.OpenRead(file);
            stream.Seek(-Math.Min(stream.Length, LongestMetricsLine), SeekOrigin.End);
            using StreamReader reader = new(stream);
            string? last = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
            return last is null ? null : JsonNode.Parse(last);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
