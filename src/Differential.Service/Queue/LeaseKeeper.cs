using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>How a worker stands to its root.</summary>
public enum LeaseState
{
    /// <summary>The lease is on disk: the jobs in its folder are this worker's.</summary>
    Held,

    /// <summary>The root is there and the lease is not: another worker has taken over, or somebody removed it.</summary>
    Lost,

    /// <summary>The root is not there: nothing can be said about the jobs until it is back.</summary>
    OutOfReach,
}

/// <summary>
/// Owns a worker's lease: takes it, renews it, and is the one place that knows whether it is still held. A root that is gone (its volume,
/// say) is told from a lease that is gone: the first comes back with its jobs, the second is taken anew.
/// </summary>
public sealed class LeaseKeeper(ServiceRoot root)
{
    private readonly HashSet<string> _former = [];
    private FileStatus? _folder;

    /// <summary>The latest lease; null before the first.</summary>
    public WorkerLease? Current { get; private set; }

    /// <summary>Names of this process's leases that were lost: whatever comes back in their folders may be taken at once.</summary>
    public IReadOnlySet<string> Former => _former;

    /// <summary>Looks at the lease on disk.</summary>
    /// <param name="reason">Why the root is out of reach.</param>
    /// <exception cref="IOException">The root can't be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">The way to it is closed.</exception>
    public LeaseState Look(out string reason)
    {
        reason = string.Empty;
        FileStatus? folder = FileStatus.Of(root.Path);
        if (folder is null)
        {
            reason = $"{root.Path}: there is no such folder";
            return LeaseState.OutOfReach;
        }

        if (Current is { } lease && FileStatus.Of(lease.File) is not null)
        {
            _folder = folder;
            return LeaseState.Held;
        }

        // An empty folder in the root's place is where its volume was. Somebody who makes a new root makes its incoming/, or starts a service.
        if (_folder is not null && folder != _folder && FileStatus.Of(root.Incoming) is null)
        {
            reason = $"{root.Path}: another folder than the one that the service started on, without incoming/ (is its volume mounted?)";
            return LeaseState.OutOfReach;
        }

        return LeaseState.Lost;
    }

    /// <summary>Makes the root's folders that are missing, where the root is still the one that the lease is of: not where its volume was.</summary>
    /// <exception cref="IOException">They can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be made.</exception>
    public void MakeFolders()
    {
        if (FileStatus.Of(root.Path) == _folder)
        {
            root.Create();
        }
    }

    /// <summary>Takes a lease, a new one in place of a lost one, and makes the root's folders that are missing.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public WorkerLease Take()
    {
        root.Create();
        var lease = WorkerLease.Acquire(root);
        if (Current is { } lost)
        {
            _former.Add(lost.Worker);
        }

        _folder = FileStatus.Of(root.Path);
        return Current = lease;
    }
}
