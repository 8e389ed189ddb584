using Differential.Service.Jobs;
using Differential.Service.Runs;

namespace Differential.Service.Queue;

/// <summary>
/// Every job that has ended, newest first. A look costs three times of folders, and a listing where one has changed; each job is
/// looked at closer once. It holds nothing that the folders do not: it may be thrown away at any time. Safe to share between threads.
/// </summary>
public sealed class EndedIndex
{
    /// <summary>The files of a run that a list names where they are there.</summary>
    public static readonly IReadOnlyList<string> Files = ["report.html", "result.json", "job.json", "metrics.jsonl", "samples.csv", "log.jsonl", "model.safetensors"];

    private readonly Lock _lock = new();
    private readonly ServiceRoot _root;
    private readonly Folder[] _folders;
    private readonly SortedSet<EndedJob> _order = new(Comparer<EndedJob>.Create(Compare));
    private EndedJob[]? _snapshot;

    public EndedIndex(ServiceRoot root, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(root);
        _root = root;
        _folders = [Make(JobState.Done, root.Done), Make(JobState.Failed, root.Failed), Make(JobState.Cancelled, root.Cancelled)];

        Folder Make(JobState state, string path) => new(state, path, new FolderStamp(path, time));
    }

    private sealed record Folder(JobState State, string Path, FolderStamp Stamp)
    {
        public Dictionary<string, EndedJob> Jobs { get; } = [];
    }

    /// <summary>All of them, newest first; the same list until something changes.</summary>
    public IReadOnlyList<EndedJob> All
    {
        get
        {
            lock (_lock)
            {
                return _snapshot ??= [.. _order];
            }
        }
    }

    /// <summary>How many are in a state.</summary>
    public int Count(JobState state)
    {
        lock (_lock)
        {
            return _folders.First(f => f.State == state).Jobs.Count;
        }
    }

    /// <summary>The times of the three folders where their names are known to be these; null where one may have changed since.</summary>
    internal IReadOnlyList<DateTime>? Stamps
    {
        get
        {
            lock (_lock)
            {
                return _folders.All(f => f.Stamp.IsSure) ? [.. _folders.Select(f => f.Stamp.Time)] : null;
            }
        }
    }

    /// <summary>Reads what has changed.</summary>
    /// <returns>Whether anything had.</returns>
    public bool Refresh()
    {
        bool changed = false;
        foreach (Folder folder in _folders)
        {
            if (folder.Stamp.IsStale)
            {
                changed |= List(folder);
            }
        }

        return changed;
    }

    /// <summary>Takes over what another look has left.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="stamps">The times of the folders then; where one is another now, its names are listed and compared.</param>
    internal void Restore(IEnumerable<EndedJob> jobs, IReadOnlyList<DateTime> stamps)
    {
        lock (_lock)
        {
            foreach (EndedJob job in jobs)
            {
                Put(_folders.First(f => f.State == job.State), job);
            }

            for (int i = 0; i < _folders.Length; i++)
            {
                _folders[i].Stamp.Restore(stamps[i]);
            }
        }
    }

    private static int Compare(EndedJob? x, EndedJob? y)
    {
        int order = y!.Ended.CompareTo(x!.Ended);
        order = order != 0 ? order : string.CompareOrdinal(x.Id, y.Id);
        return order != 0 ? order : x.State.CompareTo(y.State);
    }

    private bool List(Folder folder)
    {
        folder.Stamp.Listing();
        HashSet<string> present = [.. JobLookup.Jobs(folder.Path).Select(f => Path.GetFileNameWithoutExtension(f))];
        bool changed = false;
        string[] gone, known;
        lock (_lock)
        {
            gone = [.. folder.Jobs.Keys.Where(id => !present.Contains(id))];
            known = [.. folder.Jobs.Keys.Where(present.Contains)];
            foreach (string id in gone)
            {
                Remove(folder, id);
                changed = true;
            }
        }

        present.ExceptWith(known);

        // What is done stays so; a failed or cancelled job may have been handed in again and ended so once more.
        IEnumerable<string> again = folder.State == JobState.Done ? [] : known.Where(id => MarkOf(folder, id) != folder.Jobs[id].Mark);
        foreach (string id in present.Concat(again.ToList()))
        {
            EndedJob job = Read(folder, id);
            lock (_lock)
            {
                Put(folder, job);
            }

            changed = true;
        }

        return changed;
    }

    private void Put(Folder folder, EndedJob job)
    {
        Remove(folder, job.Id);
        folder.Jobs[job.Id] = job;
        _order.Add(job);
        _snapshot = null;
    }

    private void Remove(Folder folder, string id)
    {
        if (folder.Jobs.Remove(id, out EndedJob? job))
        {
            _order.Remove(job);
            _snapshot = null;
        }
    }

    private DateTime MarkOf(Folder folder, string id)
    {
        string ticket = _root.TicketFile(id);
        return File.GetLastWriteTimeUtc(File.Exists(ticket) ? ticket : ServiceRoot.JobFile(folder.Path, id));
    }

    private EndedJob Read(Folder folder, string id)
    {
        string run = _root.RunFolder(id);
        DateTime mark = MarkOf(folder, id);
        string[] files = Directory.Exists(run) ? [.. Files.Where(n => File.Exists(Path.Combine(run, n)))] : [];
        RunHeader? header = files.Contains("result.json") ? ResultFile.ReadHeader(Path.Combine(run, "result.json")) : null;
        return new EndedJob
        {
            Id = id,
            State = folder.State,
            Ended = new DateTimeOffset(JobEnd.TimeOf(_root, id, ServiceRoot.JobFile(folder.Path, id)), TimeSpan.Zero),
            Kind = header?.Kind,
            Name = header?.Name,
            Seconds = header?.Seconds,
            Error = folder.State == JobState.Failed ? JobError.Read(_root, id)?.Message : null,
            Files = files,
            Mark = mark,
        };
    }
}
