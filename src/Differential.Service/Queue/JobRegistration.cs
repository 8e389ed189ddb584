using System.Security.Cryptography;
using System.Text.Json;
using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>How a job that a worker has claimed gets its id for good: its run folder with its ticket in it, its own earlier one where it was handed in again.</summary>
internal sealed class JobRegistration(ServiceRoot root, WorkerLease lease, QueueOptions options, TimeProvider time)
{
    private readonly string _folder = root.WorkerFolder(lease.Worker);
    private readonly Dictionary<string, int> _choices = [];

    /// <summary>
    /// Gives a claimed job its run folder, which appears with its ticket inside. Where that id has got another job meanwhile,
    /// the job takes the next free one; where it has its ticket already (taken over), it keeps it.
    /// </summary>
    public ActiveJob Register(string id, string file, string source, bool isKnown)
    {
        string stem = id;
        while (true)
        {
            bool isOurs;
            if (IsHandedInAgain(id) && !IsElsewhere(id))
            {
                isOurs = Adopt(id, file);
            }
            else if (isKnown && JobTicket.Read(root, id) is not null && !IsElsewhere(id))
            {
                isOurs = true;
            }
            else if (Publish(NewTicket(id, source)))
            {
                FaultPoint.Hit("after-ticket");
                isOurs = true;
            }
            else
            {
                isOurs = false;
            }

            if (isOurs)
            {
                return new ActiveJob(id, file, root.RunFolder(id));
            }

            id = FreeId(stem);
            string renamed = ServiceRoot.JobFile(_folder, id);
            if (!FileMove.Try(file, renamed))
            {
                throw new IOException($"{file} was taken away");
            }

            file = renamed;
            isKnown = false;
        }
    }

    // An id's ticket belongs to another job where that job lies in another folder than this worker's.
    private bool IsElsewhere(string id) => root.HasEnded(id) || root.ActiveFiles(id).Any(file => Path.GetDirectoryName(file) != _folder);

    private bool Publish(JobTicket ticket)
    {
        string staging = Path.Combine(root.Runs, $".{lease.Worker}-{ticket.Id}");
        Directory.CreateDirectory(staging);
        try
        {
            DurableFile.WriteBytes(Path.Combine(staging, "ticket.json"), JsonSerializer.SerializeToUtf8Bytes(ticket, JobTicket.Json));
            Directory.Move(staging, root.RunFolder(ticket.Id));
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            Directory.Delete(staging, recursive: true);
            if (!Directory.Exists(root.RunFolder(ticket.Id)))
            {
                throw;
            }

            return false;
        }

        DurableFile.SyncFolder(root.Runs);
        return true;
    }

    // A failed job's file that was moved back to incoming: its error and its run are still there.
    private bool IsHandedInAgain(string id) => File.Exists(root.ErrorFile(id)) && Directory.Exists(root.RunFolder(id));

    /// <summary>Whether a waiting file is the very job of this id that failed, moved back.</summary>
    public static bool IsHandedInAgain(ServiceRoot root, string id, string file, QueueOptions options) =>
        File.Exists(root.ErrorFile(id)) && JobError.Read(root, id)?.Hash is { } hash && hash == HashOf(file, options);

    /// <summary>The hash of a job file's content; null where it is too large, no regular file, or can't be read. A link is not followed: it may lead anywhere, to itself too.</summary>
    public static string? HashOf(string file, QueueOptions options)
    {
        try
        {
            if (FileStatus.Of(file, follow: false) is not { Kind: FileKind.Regular })
            {
                return null;
            }

            using FileStream stream = RegularFile.OpenRead(file);
            return stream.Length <= options.LargestJobFile ? Convert.ToHexStringLower(SHA256.HashData(stream)) : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or UnauthorizedAccessException or NotRegularFileException)
        {
            return null;
        }
    }

    /// <summary>Gives a job that failed, and was handed in again, its run folder back.</summary>
    /// <returns>False where it is another job under that name, or another worker was faster.</returns>
    private bool Adopt(string id, string file)
    {
        if (JobTicket.Read(root, id) is not { } ticket
            || JobError.Read(root, id)?.Hash is not { } hash
            || hash != HashOf(file, options))
        {
            return false;
        }

        // The ticket first: a job whose error is gone was handed in again for good.
        FaultPoint.Hit("before-adopt");
        (ticket with { Crashes = 0, Alone = false, Running = false, Ended = null, Worker = lease.Worker }).Write(root);
        return FileMove.Try(root.ErrorFile(id), Path.Combine(root.RunFolder(id), "error.previous.json"));
    }

    /// <summary>The ticket of a job that has none yet.</summary>
    public JobTicket NewTicket(string id, string source) => new() { Id = id, Source = source, Claimed = time.GetUtcNow(), Worker = lease.Worker };

    private string FreeId(string stem)
    {
        for (int n = _choices.GetValueOrDefault(stem, 1); ; n++)
        {
            string id = JobId.Choice(stem, n);
            if (!Directory.Exists(root.RunFolder(id)) && !root.IsTaken(id) && !File.Exists(ServiceRoot.JobFile(root.Incoming, id)))
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
