using Differential.Core.Files;
using Differential.Service.Jobs;

namespace Differential.Service.Queue;

/// <summary>
/// The moves of job files between the folders of a root. Each is one rename on one volume, which either happened or did not,
/// and of two workers that try the same one only one succeeds. Not thread-safe: one loop per worker calls it.
/// </summary>
public sealed class JobQueue(ServiceRoot root, WorkerLease lease, QueueOptions options, TimeProvider time)
{
    private readonly string _folder = root.WorkerFolder(lease.Worker);
    private readonly IncomingNames _names = new(root, options, time);
    private readonly JobRegistration _registration = new(root, lease, options, time);
    private readonly Dictionary<string, ActiveJob> _unregistered = [];

    /// <summary>Jobs whose file was moved into this worker's folder, and no more: they are found there, unless the folder goes.</summary>
    public IReadOnlyCollection<ActiveJob> Unregistered => _unregistered.Values;

    /// <summary>Takes a waiting file; null where another worker was faster or the file is gone.</summary>
    public ActiveJob? Claim(IncomingJob incoming)
    {
        ArgumentNullException.ThrowIfNull(incoming);
        string id = _names.IdOf(incoming.Name);
        bool isReserved = JobTicket.ReservedFor(root, id) is not null;
        string file = ServiceRoot.JobFile(_folder, id);
        string from = Path.Combine(root.Incoming, incoming.Name);
        byte[]? content = ContentOf(from);
        FaultPoint.Hit("before-claim");
        if (!FileMove.Try(from, file))
        {
            return null;
        }

        _unregistered[id] = new ActiveJob(id, file, root.RunFolder(id)) { Content = content };
        FaultPoint.Hit("after-claim");
        DurableFile.SyncFolder(_folder);
        DurableFile.SyncFolder(root.Incoming);
        return Register(id, file, incoming.Name, isKnown: isReserved, content);
    }

    /// <summary>Takes over the jobs of a worker that is dead. Those that another worker is faster with are left out.</summary>
    /// <exception cref="IOException">A job could not be taken; those before it lie in this worker's folder, and are found there.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    public IReadOnlyList<ActiveJob> TakeOver(string workerFolder)
    {
        List<ActiveJob> jobs = [];
        foreach (string from in JobFiles(workerFolder))
        {
            string id = Path.GetFileNameWithoutExtension(from);
            string file = ServiceRoot.JobFile(_folder, id);
            byte[]? content = ContentOf(from);
            FaultPoint.Hit("before-takeover");
            try
            {
                if (!FileMove.Try(from, file))
                {
                    continue;
                }
            }
            catch (DirectoryNotFoundException) when (!Directory.Exists(workerFolder))
            {
                return jobs;
            }

            _unregistered[id] = new ActiveJob(id, file, root.RunFolder(id)) { Content = content };
            FaultPoint.Hit("after-takeover");
            string marker = Path.ChangeExtension(from, ".cancel");
            if (File.Exists(marker))
            {
                FileMove.Try(marker, Path.ChangeExtension(file, ".cancel"));
            }

            DurableFile.SyncFolder(_folder);
            jobs.Add(Register(id, file, id + ".json", isKnown: true, content));
        }

        RemoveWorker(workerFolder);
        return jobs;
    }

    /// <summary>
    /// The jobs whose files lie in this worker's folder and that it does not know: a claim or a take-over broke off behind the move.
    /// </summary>
    /// <param name="isKnown">Whether the worker runs, holds or ends a job of this id.</param>
    /// <param name="failed">Told of each job that can't be taken now, and why; the others are.</param>
    public IReadOnlyList<ActiveJob> Found(Func<string, bool> isKnown, Action<string, Exception> failed)
    {
        List<ActiveJob> jobs = [];
        foreach (string file in JobFiles(_folder))
        {
            string id = Path.GetFileNameWithoutExtension(file);
            if (isKnown(id))
            {
                continue;
            }

            try
            {
                jobs.Add(Register(id, file, id + ".json", isKnown: true, ContentOf(file)));
            }
            catch (Exception exception) when (SystemError.IsOfFiles(exception))
            {
                failed(id, exception);
            }
        }

        return jobs;
    }

    /// <summary>
    /// Puts the file of a job back that went with this process's former folder, where no other worker has it and it has not ended: it
    /// is then found among the worker's own.
    /// </summary>
    /// <returns>Whether it was put back.</returns>
    public bool PutBack(ActiveJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        string former = Path.GetFileName(Path.GetDirectoryName(job.File)!);
        if (job.Content is null || former == lease.Worker || (job.IsRegistered && JobTicket.Read(root, job.Id) is null))
        {
            return false;
        }

        // In the order of a job's way, and once more: it may move on while this looks.
        for (int look = 0; look < 2; look++)
        {
            if (File.Exists(ServiceRoot.JobFile(root.Incoming, job.Id)) || root.IsTaken(job.Id))
            {
                return false;
            }
        }

        DurableFile.WriteBytes(ServiceRoot.JobFile(_folder, job.Id), job.Content);
        return true;
    }

    /// <summary>Notes a start, on disk before it happens.</summary>
    /// <param name="job">The job.</param>
    /// <param name="isInOrder">The start before ended in order, and this process knows it though the ticket could not be told.</param>
    public JobTicket CountStart(ActiveJob job, bool isInOrder = false)
    {
        ArgumentNullException.ThrowIfNull(job);
        JobTicket ticket = JobTicket.Read(root, job.Id) ?? _registration.NewTicket(job.Id, Path.GetFileName(job.File));
        ticket = ticket with
        {
            Alone = ticket.Alone || IsUnexplained(ticket, isInOrder),
            Running = true,
            Starts = ticket.Starts + 1,
            Started = time.GetUtcNow(),
            Ended = null,
            Reserved = null,
            Worker = lease.Worker,
            Host = HostIdentity.Current,
            Machine = Environment.MachineName,
        };
        ticket.Write(root);
        FaultPoint.Hit("after-count");
        return ticket;
    }

    /// <summary>Whether a job is to run in a process of its own: the service's once ended unexplained while it ran.</summary>
    public bool RunsAlone(ActiveJob job, bool isInOrder)
    {
        ArgumentNullException.ThrowIfNull(job);
        return JobTicket.Read(root, job.Id) is { } ticket && (ticket.Alone || IsUnexplained(ticket, isInOrder));
    }

    /// <summary>Notes that a start ended in order: a shutdown or a full disk is not the job's fault.</summary>
    public void EndStart(ActiveJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.IsHeld && JobTicket.Read(root, job.Id) is { Running: true } ticket)
        {
            (ticket with { Running = false }).Write(root);
        }
    }

    /// <summary>Counts that the job's own process ended without a word.</summary>
    /// <param name="job">The job.</param>
    /// <param name="progress">How far it had come.</param>
    /// <param name="isLongRun">Whether it ran for long: then those before count no more where it came further.</param>
    /// <returns>The ticket; the job must not start any more where its attempts reach <see cref="QueueOptions.MaxAttempts"/>.</returns>
    public JobTicket CountCrash(ActiveJob job, string? progress, bool isLongRun)
    {
        ArgumentNullException.ThrowIfNull(job);
        JobTicket ticket = JobTicket.Read(root, job.Id) ?? _registration.NewTicket(job.Id, Path.GetFileName(job.File));
        bool isFurther = isLongRun && progress != ticket.Progress;
        ticket = ticket with { Crashes = isFurther ? 1 : ticket.Crashes + 1, Running = false, Progress = progress };
        ticket.Write(root);
        return ticket;
    }

    /// <summary>Moves a job to where it ends. False where the job is no longer this worker's: then nothing was moved.</summary>
    public bool Finish(ActiveJob job, JobState state, Exception? error = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!job.IsHeld)
        {
            return false;
        }

        string folder = state switch
        {
            JobState.Done => root.Done,
            JobState.Failed => root.Failed,
            JobState.Cancelled => root.Cancelled,
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "not an end"),
        };
        if (error is not null)
        {
            JobError failure = JobError.Of(job.Id, error, JobTicket.Read(root, job.Id)?.Attempts ?? 0, time.GetUtcNow());
            (failure with { Hash = JobRegistration.HashOf(job.File, options) }).Write(root);
        }

        StampEnd(job.Id);
        FaultPoint.Hit("before-finish");
        if (!FileMove.Try(job.File, ServiceRoot.JobFile(folder, job.Id)))
        {
            return false;
        }

        FaultPoint.Hit("after-finish");
        DurableFile.SyncFolder(folder);
        DurableFile.SyncFolder(_folder);
        File.Delete(job.CancelMarker);
        return true;
    }

    // Without room the end is told by the times of the files that it wrote: the job's state is worth more.
    private void StampEnd(string id)
    {
        try
        {
            if (JobTicket.Read(root, id) is { } ticket)
            {
                (ticket with { Ended = time.GetUtcNow(), Reserved = null }).Write(root);
            }
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            // No more is lost than the exact time.
        }
    }

    private static bool IsUnexplained(JobTicket ticket, bool isInOrder) =>
        ticket.Running && !isInOrder && !HostIdentity.HasRestarted(ticket.Host, ticket.Machine);

    private static string[] JobFiles(string workerFolder)
    {
        try
        {
            return Directory.GetFiles(workerFolder, "*.json");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private void RemoveWorker(string workerFolder)
    {
        try
        {
            foreach (string left in Directory.GetFiles(workerFolder))
            {
                if (!left.EndsWith(".json", StringComparison.Ordinal))
                {
                    File.Delete(left);
                }
            }

            Directory.Delete(workerFolder, recursive: false);
            foreach (string staging in Directory.GetDirectories(root.Runs, $".{Path.GetFileName(workerFolder)}-*"))
            {
                Directory.Delete(staging, recursive: true);
            }
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            // Not empty or gone, or not to be deleted now: the next look decides.
        }
    }

    private byte[]? ContentOf(string file)
    {
        try
        {
            return FileStatus.Of(file, follow: false)?.Kind == FileKind.Regular ? RegularFile.ReadAllBytes(file, options.LargestJobFile) : null;
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            // The job's own start says what is wrong with it.
            return null;
        }
    }

    private ActiveJob Register(string id, string file, string source, bool isKnown, byte[]? content)
    {
        ActiveJob job = _registration.Register(id, file, source, isKnown) with { Content = content, IsRegistered = true };
        _unregistered.Remove(id);
        return job;
    }
}
