using System.Security.Cryptography;
using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>
/// The moves of job files between the folders of a root. Each is one rename on one volume, which either happened or did not,
/// and of two workers that try the same one only one succeeds. Not thread-safe: one loop per worker calls it.
/// </summary>
public sealed class JobQueue(ServiceRoot root, WorkerLease lease, QueueOptions options, TimeProvider time)
{
    private readonly string _folder = root.WorkerFolder(lease.Worker);
    private readonly Dictionary<string, int> _choices = [];

    /// <summary>Takes a waiting file; null where another worker was faster or the file is gone.</summary>
    public ActiveJob? Claim(IncomingJob incoming)
    {
        ArgumentNullException.ThrowIfNull(incoming);
        string stem = JobId.From(Path.GetFileNameWithoutExtension(incoming.Name));
        bool again = IsHandedInAgain(stem);
        string id = again ? stem : FreeId(stem);
        string file = ServiceRoot.JobFile(_folder, id);
        FaultPoint.Hit("before-claim");
        if (!Rename(Path.Combine(root.Incoming, incoming.Name), file))
        {
            return null;
        }

        FaultPoint.Hit("after-claim");
        DurableFile.SyncFolder(_folder);
        DurableFile.SyncFolder(root.Incoming);
        return again && Adopt(id, file) is { } job ? job : Register(id, file, incoming.Name, takenOver: false);
    }

    /// <summary>Takes over the jobs of a worker that is dead. Those that another worker is faster with are left out.</summary>
    public IReadOnlyList<ActiveJob> TakeOver(string workerFolder)
    {
        List<ActiveJob> jobs = [];
        string[] files;
        try
        {
            files = Directory.GetFiles(workerFolder, "*.json");
        }
        catch (DirectoryNotFoundException)
        {
            return jobs;
        }

        foreach (string from in files)
        {
            string id = Path.GetFileNameWithoutExtension(from);
            string file = ServiceRoot.JobFile(_folder, id);
            FaultPoint.Hit("before-takeover");
            if (!Rename(from, file))
            {
                continue;
            }

            FaultPoint.Hit("after-takeover");
            Rename(Path.ChangeExtension(from, ".cancel"), Path.ChangeExtension(file, ".cancel"));
            DurableFile.SyncFolder(_folder);
            jobs.Add(Register(id, file, id + ".json", takenOver: true));
        }

        RemoveWorker(workerFolder);
        return jobs;
    }

    /// <summary>Counts a start, on disk before it happens.</summary>
    /// <param name="job">The job.</param>
    /// <param name="progress">How far it has come, as its run folder says; a start from further on counts from one again.</param>
    /// <param name="again">The start before ended through no fault of the job's, and could not be taken back on a full disk.</param>
    /// <returns>The ticket; its attempts exceed <see cref="QueueOptions.MaxAttempts"/> where the job must not start any more.</returns>
    public JobTicket CountStart(ActiveJob job, string? progress, bool again = false)
    {
        ArgumentNullException.ThrowIfNull(job);
        JobTicket ticket = JobTicket.Read(root, job.Id) ?? NewTicket(job.Id, Path.GetFileName(job.File));
        bool further = ticket.Starts > 0 && progress != ticket.Progress;
        ticket = ticket with
        {
            Attempts = further ? 1 : again ? Math.Max(1, ticket.Attempts) : ticket.Attempts + 1,
            Starts = ticket.Starts + 1,
            Progress = progress,
            Worker = lease.Worker,
        };
        if (ticket.Attempts <= options.MaxAttempts)
        {
            ticket.Write(root);
            FaultPoint.Hit("after-count");
        }

        return ticket;
    }

    /// <summary>Takes a start back that ended in order: a shutdown or a full disk is not the job's fault.</summary>
    public void UncountStart(ActiveJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.IsHeld && JobTicket.Read(root, job.Id) is { Attempts: > 0 } ticket)
        {
            (ticket with { Attempts = ticket.Attempts - 1 }).Write(root);
        }
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
            (failure with { Hash = HashOf(job.File) }).Write(root);
        }

        FaultPoint.Hit("before-finish");
        if (!Rename(job.File, ServiceRoot.JobFile(folder, job.Id)))
        {
            return false;
        }

        FaultPoint.Hit("after-finish");
        DurableFile.SyncFolder(folder);
        DurableFile.SyncFolder(_folder);
        File.Delete(job.CancelMarker);
        return true;
    }

    /// <summary>rename(2): replaces, atomic; false where the source is gone. File.Move without overwriting would link and unlink.</summary>
    internal static bool Rename(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static void RemoveWorker(string workerFolder)
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
        }
        catch (IOException)
        {
            // Not empty or gone: the next look decides.
        }
    }

    /// <summary>
    /// Gives a claimed job its run folder, which appears with its ticket inside. Where that id has got another job meanwhile,
    /// the job takes the next free one; where it has its ticket already (taken over), it keeps it.
    /// </summary>
    private ActiveJob Register(string id, string file, string source, bool takenOver)
    {
        string stem = id;
        while (true)
        {
            if (takenOver && JobTicket.Read(root, id) is not null && !IsElsewhere(id))
            {
                return new ActiveJob(id, file, root.RunFolder(id));
            }

            if (Publish(NewTicket(id, source)))
            {
                FaultPoint.Hit("after-ticket");
                return new ActiveJob(id, file, root.RunFolder(id));
            }

            id = FreeId(stem);
            string renamed = ServiceRoot.JobFile(_folder, id);
            if (!Rename(file, renamed))
            {
                throw new IOException($"{file} was taken away");
            }

            file = renamed;
            takenOver = false;
        }
    }

    // An id's ticket belongs to another job where that job lies in another folder than this worker's.
    private bool IsElsewhere(string id) => root.HasEnded(id) || (root.FindActive(id) is { } file && Path.GetDirectoryName(file) != _folder);

    private bool Publish(JobTicket ticket)
    {
        string staging = Path.Combine(root.Runs, $".{lease.Worker}-{ticket.Id}");
        Directory.CreateDirectory(staging);
        DurableFile.WriteBytes(Path.Combine(staging, "ticket.json"), System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(ticket, JobTicket.Json));
        try
        {
            Directory.Move(staging, root.RunFolder(ticket.Id));
            DurableFile.SyncFolder(root.Runs);
            return true;
        }
        catch (IOException) when (Directory.Exists(root.RunFolder(ticket.Id)))
        {
            Directory.Delete(staging, recursive: true);
            return false;
        }
    }

    // A failed job's file that was moved back to incoming: its error and its run are still there.
    private bool IsHandedInAgain(string id) => File.Exists(root.ErrorFile(id)) && Directory.Exists(root.RunFolder(id)) && !root.IsTaken(id);

    private string? HashOf(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return stream.Length <= options.LargestJobFile ? Convert.ToHexStringLower(SHA256.HashData(stream)) : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Gives a job that failed, and was handed in again, its run folder back.</summary>
    /// <returns>Null where it is another job under that name, or another worker was faster.</returns>
    private ActiveJob? Adopt(string id, string file)
    {
        if (JobTicket.Read(root, id) is not { } ticket
            || JobError.Read(root, id)?.Hash is not { } hash
            || hash != HashOf(file)
            || !Rename(root.ErrorFile(id), Path.Combine(root.RunFolder(id), "error.previous.json")))
        {
            return null;
        }

        (ticket with { Attempts = 0 }).Write(root);
        return new ActiveJob(id, file, root.RunFolder(id));
    }

    private JobTicket NewTicket(string id, string source) => new() { Id = id, Source = source, Claimed = time.GetUtcNow(), Worker = lease.Worker };

    private string FreeId(string stem)
    {
        for (int n = _choices.GetValueOrDefault(stem, 1); ; n++)
        {
            string id = JobId.Choice(stem, n);
            if (!Directory.Exists(root.RunFolder(id)) && !root.IsTaken(id))
            {
                if (n > 1)
                {
                    // Ids once taken stay taken: many files of one name do not make the search long.
                    _choices[stem] = n;
                }

                return id;
            }
        }
    }
}
