using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>Watches the other workers' leases and says which have expired.</summary>
public sealed class LeaseWatch(ServiceRoot root, TimeSpan timeout, TimeProvider time)
{
    private readonly Dictionary<string, (long Beat, long Since)> _seen = [];

    /// <summary>
    /// The folders of workers that are dead: no lease, a process of this host that is gone, or a counter that stood still for
    /// the whole timeout while this process was watching.
    /// </summary>
    /// <param name="self">The caller's own worker, left out.</param>
    /// <param name="former">The caller's own workers of before, whose leases were lost; null for none.</param>
    public IReadOnlyList<string> Expired(string self, IReadOnlySet<string>? former = null)
    {
        List<string> expired = [];
        HashSet<string> present = [];
        foreach (string folder in Directory.EnumerateDirectories(root.Active))
        {
            string worker = Path.GetFileName(folder);
            if (worker == self || worker.StartsWith('.'))
            {
                continue;
            }

            present.Add(worker);
            LeaseContent? lease = WorkerLease.Read(folder);
            if (former?.Contains(worker) == true)
            {
                expired.Add(folder);
                continue;
            }

            if (lease is not null && lease.Host == HostIdentity.Current && !HostIdentity.IsAlive(lease.Pid, lease.Started))
            {
                expired.Add(folder);
                continue;
            }

            // A lease that is missing for a moment may be one being given up: two looks decide. One that can't be read is no less alive.
            bool isMissing = lease is null && FileStatus.Of(Path.Combine(folder, WorkerLease.FileName)) is null;
            long beat = lease?.Beat ?? -1;
            long now = time.GetTimestamp();
            if (!_seen.TryGetValue(worker, out (long Beat, long Since) seen) || seen.Beat != beat)
            {
                _seen[worker] = (beat, now);
            }
            else if (isMissing || time.GetElapsedTime(seen.Since, now) >= timeout)
            {
                expired.Add(folder);
            }
        }

        foreach (string worker in _seen.Keys.Where(w => !present.Contains(w)).ToList())
        {
            _seen.Remove(worker);
        }

        return expired;
    }
}
