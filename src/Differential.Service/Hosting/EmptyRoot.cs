using Differential.Service.Queue;
using Microsoft.Extensions.Hosting;

namespace Differential.Service.Hosting;

/// <summary>
/// Ends a worker once nothing is left in its root that it, or a worker that it might have to take over from, could do: the last workers of a
/// pool stay until the last job of them all has ended.
/// </summary>
internal sealed class EmptyRoot(ServiceRoot root, IHostApplicationLifetime lifetime)
{
    /// <summary>A job that moves from one worker to another may be missed by one look.</summary>
    private const int Looks = 2;

    private int _empty;

    /// <summary>Whether the end was reached.</summary>
    public bool IsReached { get; private set; }

    /// <summary>Looks, behind a scan of the waiting files.</summary>
    /// <param name="isIdle">Whether this worker has no job, and no waiting file can start.</param>
    /// <returns>Whether the worker ends now.</returns>
    public bool Look(bool isIdle)
    {
        _empty = isIdle && !HasActive() ? _empty + 1 : 0;
        if (_empty < Looks || IsReached)
        {
            return false;
        }

        IsReached = true;
        lifetime.StopApplication();
        return true;
    }

    private bool HasActive() => Directory.EnumerateDirectories(root.Active).Any(worker =>
    {
        try
        {
            return Directory.EnumerateFiles(worker, "*.json").Any();
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    });
}
