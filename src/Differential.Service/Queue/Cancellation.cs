using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>What came of a cancellation.</summary>
public enum CancelOutcome
{
    /// <summary>The job left the queue, or the folder of a worker that is gone.</summary>
    Cancelled,

    /// <summary>The job runs and stops at its next step.</summary>
    Asked,

    /// <summary>It has ended already.</summary>
    Ended,

    /// <summary>There is no such job.</summary>
    Unknown,
}

/// <summary>Ends jobs from another process than the service's.</summary>
public static class Cancellation
{
    /// <summary>Takes a queued job, or one whose worker is gone, out of the queue, or asks a running one to stop.</summary>
    public static CancelOutcome Cancel(ServiceRoot root, string id)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (!JobId.IsValid(id))
        {
            return CancelOutcome.Unknown;
        }

        // The job may be claimed between the looks: what is not queued any more is looked for among the running.
        var lookup = new JobLookup(root);
        for (int look = 0; look < 3; look++)
        {
            if (lookup.IncomingFile(id) is { } incoming && !root.IsTaken(id) && FileMove.Try(incoming, ServiceRoot.JobFile(root.Cancelled, id)))
            {
                StampEnd(root, id);
                return CancelOutcome.Cancelled;
            }

            if (root.FindActive(id) is { } active)
            {
                if (WorkerLease.IsGone(Path.GetDirectoryName(active)!))
                {
                    // A service that takes the job over at this moment is faster, or finds nothing.
                    if (!FileMove.Try(active, ServiceRoot.JobFile(root.Cancelled, id)))
                    {
                        continue;
                    }

                    StampEnd(root, id);
                    DurableFile.SyncFolder(root.Cancelled);
                    return CancelOutcome.Cancelled;
                }

                try
                {
                    File.WriteAllText(Path.ChangeExtension(active, ".cancel"), string.Empty);
                    return CancelOutcome.Asked;
                }
                catch (DirectoryNotFoundException)
                {
                    continue;
                }
            }

            if (root.HasEnded(id))
            {
                return CancelOutcome.Ended;
            }
        }

        return CancelOutcome.Unknown;
    }

    // A job that never ran has no ticket: its file's time tells its end. Where neither can be written, the move still counts.
    private static void StampEnd(ServiceRoot root, string id)
    {
        try
        {
            if (JobTicket.Read(root, id) is { } ticket)
            {
                (ticket with { Ended = DateTimeOffset.UtcNow }).Write(root);
            }
            else
            {
                File.SetLastWriteTimeUtc(ServiceRoot.JobFile(root.Cancelled, id), DateTime.UtcNow);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
