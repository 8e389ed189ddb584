using Differential.Core;
using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Hosting;

/// <summary>
/// Which of the waiting files is next, and which will never run. What was found holds until the queue, what it waits for or the
/// slots change: a queue that only waits costs nothing.
/// </summary>
internal sealed class NextJobs(ServiceRoot root, IncomingIndex index, DeviceSlots slots, ServiceOptions options, IJobRunner runner, TimeProvider time)
{
    /// <summary>How long files are checked at one turn of the loop; the rest waits for the next.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(50);

    private readonly AfterGate _gate = new(root, time);
    private readonly Dictionary<string, (long Size, DateTime Modified)> _checked = [];
    private readonly Dictionary<string, (IncomingJob Job, InputException Refusal)> _bad = [];
    private readonly Queue<IncomingJob> _unchecked = [];
    private readonly SortedSet<IncomingJob> _open = new(Comparer<IncomingJob>.Create(IncomingIndex.Compare));
    private long _version = -1;
    private (long Version, long Slots) _nothing = (-1, -1);

    /// <summary>Whether files are left to be checked.</summary>
    public bool IsBusy => _unchecked.Count > 0;

    /// <summary>Whether a file may run now, or is to be refused; the others wait for jobs that are not there.</summary>
    public bool HasOpen => _open.Count > 0 || _bad.Count > 0;

    /// <summary>Takes in what has changed. Called at each turn of the loop, before the others.</summary>
    public void Look()
    {
        long version = index.Version;
        IReadOnlyList<IncomingJob> ready = index.Ready;
        if (_gate.Look(ready, isNew: version != _version))
        {
            _version = version;
            _nothing = (-1, -1);
            Sort(ready);
        }

        CheckSome();
    }

    /// <summary>The files that will never run, and why; they need no slot to be refused.</summary>
    public IReadOnlyList<(IncomingJob Job, InputException Refusal)> Bad() => [.. _bad.Values];

    /// <summary>The first file that may run now and for which a slot is free; the slot is taken. Null where there is none.</summary>
    /// <param name="isAsked">Whether a file may be tried at this moment.</param>
    public (IncomingJob Job, string Slot)? Next(Func<IncomingJob, bool> isAsked)
    {
        if (_nothing == (_version, slots.Version))
        {
            return null;
        }

        bool all = true;
        foreach (IncomingJob job in _open)
        {
            if (!isAsked(job))
            {
                all = false;
            }
            else if (slots.Take(job.Device) is { } slot)
            {
                return (job, slot);
            }
        }

        _nothing = all ? (_version, slots.Version) : (-1, -1);
        return null;
    }

    /// <summary>Tells that a file was taken, or is gone.</summary>
    public void Took(IncomingJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        _open.Remove(job);
        _bad.Remove(job.Name);
        index.Forget(job.Name, ref _version);
        _nothing = (-1, -1);
    }

    /// <summary>Tells how a job ended.</summary>
    public void Ended(string id, JobState state) => _gate.Learn(id, state);

    private void Sort(IReadOnlyList<IncomingJob> ready)
    {
        _open.Clear();
        _bad.Clear();
        _unchecked.Clear();
        IReadOnlyDictionary<string, IReadOnlyList<string>> circles = AfterCycles.Find(ready);
        HashSet<string> names = [];
        foreach (IncomingJob job in ready)
        {
            names.Add(job.Name);
            if (Refuse(job, circles) is { } refusal)
            {
                _bad[job.Name] = (job, refusal);
                continue;
            }

            if (!_checked.TryGetValue(job.Name, out (long Size, DateTime Modified) seen) || seen != (job.Size, job.Modified))
            {
                _unchecked.Enqueue(job);
            }

            if (job.After.Count == 0 || _gate.IsOpen(job))
            {
                _open.Add(job);
            }
        }

        foreach (string gone in _checked.Keys.Where(n => !names.Contains(n)).ToList())
        {
            _checked.Remove(gone);
        }
    }

    // A mistake in a job's file is told within the time that is documented, however long its turn to run is away.
    private void CheckSome()
    {
        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < Budget && _unchecked.TryDequeue(out IncomingJob? job))
        {
            if (runner.MistakeIn(Path.Combine(root.Incoming, job.Name), job.Name) is { } mistake)
            {
                _open.Remove(job);
                _bad[job.Name] = (job, mistake);
            }
            else
            {
                _checked[job.Name] = (job.Size, job.Modified);
            }
        }
    }

    private InputException? Refuse(IncomingJob job, IReadOnlyDictionary<string, IReadOnlyList<string>> circles)
    {
        if (job.Refused is { } kind)
        {
            return new InputException(job.Name, "file", kind, "a regular file");
        }

        if (!slots.Serves(job.Device))
        {
            return new InputException(job.Name, "$.device", $"no worker of this service runs jobs on '{job.Device}'", $"its workers: {string.Join(", ", options.Workers.Keys)}");
        }

        if (circles.TryGetValue(job.Id, out IReadOnlyList<string>? circle))
        {
            return new InputException(
                job.Name,
                "$.after",
                circle.Count == 2 ? $"'{job.Id}', the job itself" : $"a circle of jobs that wait for each other: {string.Join(" after ", circle)}",
                "ids of jobs that can end before this one starts");
        }

        return _gate.Broken(job) is { } broken
            ? new InputException(job.Name, "$.after", $"job '{broken}' did not end as done", "ids of jobs that end as done")
            : null;
    }
}
