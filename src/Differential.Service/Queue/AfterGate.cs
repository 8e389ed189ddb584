using Differential.Service.Jobs;

namespace Differential.Service.Queue;

/// <summary>
/// Which jobs may start although they wait for others. How the others ended is looked up once for each id, not for each job that
/// names it, and again only where a folder of ended jobs has changed.
/// </summary>
internal sealed class AfterGate(ServiceRoot root, TimeProvider time)
{
    private readonly Dictionary<string, JobState> _ended = [];
    private readonly HashSet<string> _open = [];
    private readonly Pace _pace = new(time);
    private readonly DateTime[] _stamps = new DateTime[3];
    private bool _isStale = true;
    private bool _hasLearnt;

    /// <summary>Looks up what the waiting jobs wait for.</summary>
    /// <param name="jobs">The waiting jobs.</param>
    /// <param name="isNew">Whether these are others than at the last call.</param>
    /// <returns>Whether anything may have changed.</returns>
    public bool Look(IEnumerable<IncomingJob> jobs, bool isNew)
    {
        DateTime[] stamps = [.. ((string[])[root.Done, root.Failed, root.Cancelled]).Select(Directory.GetLastWriteTimeUtc)];
        _isStale |= !stamps.AsSpan().SequenceEqual(_stamps);
        if (!isNew && !(_isStale && _pace.IsRested))
        {
            bool hasLearnt = _hasLearnt;
            _hasLearnt = false;
            return hasLearnt;
        }

        _pace.Do(() => LookUp(jobs, all: _isStale));
        stamps.CopyTo(_stamps, 0);
        _isStale = false;
        return true;
    }

    /// <summary>Takes in how a job ended, which somebody may wait for.</summary>
    public void Learn(string id, JobState state)
    {
        if (_open.Remove(id))
        {
            _ended[id] = state;
            _hasLearnt = true;
        }
    }

    /// <summary>Whether everything that a job waits for is done.</summary>
    public bool IsOpen(IncomingJob job) => job.After.All(id => _ended.GetValueOrDefault(id) == JobState.Done && File.Exists(ServiceRoot.JobFile(root.Done, id)));

    /// <summary>The first id that a job waits for and that will not end as done; null where there is none.</summary>
    public string? Broken(IncomingJob job) => job.After.FirstOrDefault(id => _ended.GetValueOrDefault(id) is JobState.Failed or JobState.Cancelled);

    private void LookUp(IEnumerable<IncomingJob> jobs, bool all)
    {
        HashSet<string> named = [.. jobs.SelectMany(j => j.After)];
        if (all)
        {
            _ended.Clear();
            _open.Clear();
        }

        foreach (string gone in _ended.Keys.Where(id => !named.Contains(id)).ToList())
        {
            _ended.Remove(gone);
        }

        _open.IntersectWith(named);
        foreach (string id in named.Where(id => !_ended.ContainsKey(id) && _open.Add(id)))
        {
            if (StateOf(id) is { } state)
            {
                _open.Remove(id);
                _ended[id] = state;
            }
        }
    }

    private JobState? StateOf(string id) =>
        !JobId.IsValid(id) ? null
        : File.Exists(ServiceRoot.JobFile(root.Done, id)) ? JobState.Done
        : File.Exists(ServiceRoot.JobFile(root.Failed, id)) ? JobState.Failed
        : File.Exists(ServiceRoot.JobFile(root.Cancelled, id)) ? JobState.Cancelled
        : null;
}
