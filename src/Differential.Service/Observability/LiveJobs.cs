using System.Diagnostics.Metrics;
using System.Globalization;
using Differential.Service.Jobs;

namespace Differential.Service.Observability;

/// <summary>The jobs that this process runs, and the latest that ended. Written by the jobs' threads, read by anybody.</summary>
internal sealed class LiveJobs
{
    /// <summary>How many ended jobs are remembered, so that a reader that looks now and then still sees their last values.</summary>
    private const int Remembered = 20;

    /// <summary>Flip rates remembered of one job; more would be too many series.</summary>
    private const int MaxFlipRates = 400;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LiveJob> _jobs = [];
    private readonly LinkedList<string> _ended = [];

    /// <summary>A job of this process; null where there is none.</summary>
    public LiveJob? Find(string id)
    {
        lock (_lock)
        {
            return _jobs.GetValueOrDefault(id);
        }
    }

    public void Begin(LiveJob job)
    {
        lock (_lock)
        {
            _ended.Remove(job.Id);
            _jobs[job.Id] = job;
        }
    }

    public void Change(string id, Func<LiveJob, LiveJob> change)
    {
        lock (_lock)
        {
            if (_jobs.TryGetValue(id, out LiveJob? job))
            {
                job = change(job);
                _jobs[id] = job.FlipRates.Count <= MaxFlipRates ? job : job with { FlipRates = [.. job.FlipRates.TakeLast(MaxFlipRates)] };
            }
        }
    }

    public void End(string id, JobState state)
    {
        lock (_lock)
        {
            if (!_jobs.TryGetValue(id, out LiveJob? job))
            {
                return;
            }

            _jobs[id] = job with { State = state, Progress = null, Phase = null };
            _ended.AddLast(id);
            while (_ended.Count > Remembered)
            {
                _jobs.Remove(_ended.First!.Value);
                _ended.RemoveFirst();
            }
        }
    }

    /// <summary>A value of each job that has it.</summary>
    public IEnumerable<Measurement<double>> Measure(Func<LiveJob, double?> read) =>
        Snapshot().Where(j => read(j) is not null).Select(j => new Measurement<double>(read(j)!.Value, Tag("job", j.Id)));

    public IEnumerable<Measurement<double>> MeasureAccuracies()
    {
        foreach (LiveJob job in Snapshot())
        {
            if (job.TrainAccuracy is double train)
            {
                yield return new Measurement<double>(train, Tag("job", job.Id), Tag("split", "train"));
            }

            if (job.TestAccuracy is double test)
            {
                yield return new Measurement<double>(test, Tag("job", job.Id), Tag("split", "test"));
            }
        }
    }

    public IEnumerable<Measurement<double>> MeasureFlipRates() => Snapshot().SelectMany(job => job.FlipRates.Select(f => new Measurement<double>(
        f.Rate,
        Tag("job", job.Id),
        Tag("model", f.Model ?? string.Empty),
        Tag("split", f.Split),
        Tag("attack", f.Attack),
        Tag("norm", f.Norm),
        Tag("epsilon", f.Epsilon.ToString("R", CultureInfo.InvariantCulture)))));

    private LiveJob[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _jobs.Values];
        }
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
