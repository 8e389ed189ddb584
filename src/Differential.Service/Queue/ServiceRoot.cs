namespace Differential.Service.Queue;

/// <summary>The folders of a service: a job's file lies in exactly one of them, and its state is where it lies.</summary>
public sealed class ServiceRoot
{
    public ServiceRoot(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Incoming = System.IO.Path.Combine(Path, "incoming");
        Active = System.IO.Path.Combine(Path, "active");
        Done = System.IO.Path.Combine(Path, "done");
        Failed = System.IO.Path.Combine(Path, "failed");
        Cancelled = System.IO.Path.Combine(Path, "cancelled");
        Runs = System.IO.Path.Combine(Path, "runs");
    }

    public string Path { get; }

    public string Incoming { get; }

    /// <summary>A folder per worker, each with its lease and the jobs it holds.</summary>
    public string Active { get; }

    public string Done { get; }

    public string Failed { get; }

    public string Cancelled { get; }

    /// <summary>A folder per job: its ticket, checkpoint, metrics and results.</summary>
    public string Runs { get; }

    /// <summary>Makes the folders that are missing.</summary>
    public void Create()
    {
        foreach (string folder in (string[])[Incoming, Active, Done, Failed, Cancelled, Runs])
        {
            Directory.CreateDirectory(folder);
        }
    }

    public string WorkerFolder(string worker) => System.IO.Path.Combine(Active, worker);

    public string RunFolder(string id) => System.IO.Path.Combine(Runs, id);

    public string TicketFile(string id) => System.IO.Path.Combine(Runs, id, "ticket.json");

    /// <summary>The file of a job that has ended, by the folder of its state.</summary>
    public static string JobFile(string folder, string id) => System.IO.Path.Combine(folder, id + ".json");

    public string ErrorFile(string id) => System.IO.Path.Combine(Failed, id + ".error.json");

    /// <summary>Where a job that a worker has claimed lies, or null.</summary>
    public string? FindActive(string id)
    {
        foreach (string worker in Directory.Exists(Active) ? Directory.EnumerateDirectories(Active) : [])
        {
            string file = JobFile(worker, id);
            if (File.Exists(file))
            {
                return file;
            }
        }

        return null;
    }

    /// <summary>Whether a job of this id has ended, however it did.</summary>
    public bool HasEnded(string id) => File.Exists(JobFile(Done, id)) || File.Exists(JobFile(Failed, id)) || File.Exists(JobFile(Cancelled, id));

    /// <summary>Whether a job of this id is held or has ended.</summary>
    public bool IsTaken(string id) => HasEnded(id) || FindActive(id) is not null;
}
