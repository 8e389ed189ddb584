using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Hosting;

/// <summary>A job that the worker holds and that does not run: taken over, interrupted by the root's trouble, or not to be started yet.</summary>
/// <param name="Job">The job.</param>
/// <param name="Retry">When it is due.</param>
/// <param name="Since">Since when it waits.</param>
internal sealed record WaitingJob(ActiveJob Job, Backoff Retry, DateTimeOffset Since)
{
    /// <summary>Whether it runs in a process of its own, after the jobs that waited before it.</summary>
    public bool IsAlone { get; init; }
}

/// <summary>A job whose end is decided, and whose file is still to be moved there.</summary>
/// <param name="Job">The job.</param>
/// <param name="State">Where it goes.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Retry">When the move is due.</param>
internal sealed record PendingEnd(ActiveJob Job, JobState State, Exception? Error, Backoff Retry);

/// <summary>What a worker holds beside the jobs that run.</summary>
internal sealed class HeldJobs
{
    private readonly List<WaitingJob> _waiting = [];
    private readonly Dictionary<string, Backoff> _retries = [];

    public List<PendingEnd> Ends { get; } = [];

    public IReadOnlyList<WaitingJob> Waiting => _waiting;

    public bool Has(string id) => _waiting.Exists(w => w.Job.Id == id) || Ends.Exists(e => e.Job.Id == id);

    /// <summary>How often a job was tried is remembered until it ends.</summary>
    public Backoff RetryOf(string id, TimeProvider time)
    {
        if (!_retries.TryGetValue(id, out Backoff? retry))
        {
            _retries[id] = retry = new Backoff(time);
        }

        return retry;
    }

    public void Wait(WaitingJob job)
    {
        _waiting.RemoveAll(w => w.Job.Id == job.Job.Id);
        _waiting.Add(job);
    }

    public void Take(WaitingJob job) => _waiting.Remove(job);

    /// <summary>The job has ended, or is another worker's.</summary>
    public void Forget(string id) => _retries.Remove(id);

    /// <summary>Everything is due now.</summary>
    public void RetryNow()
    {
        foreach (Backoff retry in _retries.Values.Concat(Ends.Select(e => e.Retry)))
        {
            retry.Reset();
        }
    }

    /// <summary>Empties both lists.</summary>
    /// <returns>The jobs that were in them.</returns>
    public IReadOnlyList<ActiveJob> Clear()
    {
        List<ActiveJob> jobs = [.. _waiting.Select(w => w.Job), .. Ends.Select(e => e.Job)];
        _waiting.Clear();
        Ends.Clear();
        return jobs;
    }
}
