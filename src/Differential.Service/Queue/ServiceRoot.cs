using Differential.Core.Files;

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

    private string[] Folders => [Incoming, Active, Done, Failed, Cancelled, Runs];

    /// <summary>Makes the folders that are missing.</summary>
    public void Create()
    {
        foreach (string folder in Folders)
        {
            Directory.CreateDirectory(folder);
        }
    }

    /// <summary>Which folder's name leads to another volume than the rest, where a rename can't go; null for none.</summary>
    /// <exception cref="IOException">The volume does not answer as it should.</exception>
    public string? OnAnotherVolume()
    {
        foreach (string folder in Folders)
        {
            // A mount of the same volume has the same number, and still a rename refuses to cross it: only a trial tells.
            string probe = System.IO.Path.Combine(folder, $".probe-{Guid.NewGuid():N}");
            string moved = System.IO.Path.Combine(Path, System.IO.Path.GetFileName(probe));
            try
            {
                File.WriteAllBytes(probe, []);
                FileMove.Try(probe, moved);
            }
            catch (IOException exception) when (FileMove.IsOtherVolume(exception))
            {
                return folder;
            }
            catch (Exception exception) when (SystemError.IsOfFiles(exception))
            {
                // Not writable or full: that may pass, and the queue says so while it lasts.
            }
            finally
            {
                File.Delete(probe);
                File.Delete(moved);
            }
        }

        return null;
    }

    /// <summary>The first folder into which nothing can be written, and why; null where all can.</summary>
    public string? Unwritable() => Folders.Select(folder => FolderAccess.Trouble(folder)).FirstOrDefault(trouble => trouble is not null);

    public string WorkerFolder(string worker) => System.IO.Path.Combine(Active, worker);

    public string RunFolder(string id) => System.IO.Path.Combine(Runs, id);

    public string TicketFile(string id) => System.IO.Path.Combine(Runs, id, "ticket.json");

    /// <summary>The file of a job that has ended, by the folder of its state.</summary>
    public static string JobFile(string folder, string id) => System.IO.Path.Combine(folder, id + ".json");

    /// <summary>Why a job failed: no job's file can have this name, for those end in .json.</summary>
    public string ErrorFile(string id) => System.IO.Path.Combine(Failed, id + ".error");

    /// <summary>Where a job that a worker has claimed lies, or null.</summary>
    public string? FindActive(string id) => ActiveFiles(id).FirstOrDefault();

    /// <summary>The files of this id in the workers' folders: two for the moment in which workers find out whose the id is.</summary>
    public IEnumerable<string> ActiveFiles(string id) =>
        (Directory.Exists(Active) ? Directory.EnumerateDirectories(Active) : []).Select(worker => JobFile(worker, id)).Where(File.Exists);

    /// <summary>Whether a job of this id has ended, however it did.</summary>
    public bool HasEnded(string id) => File.Exists(JobFile(Done, id)) || File.Exists(JobFile(Failed, id)) || File.Exists(JobFile(Cancelled, id));

    /// <summary>Whether a job of this id is held or has ended.</summary>
    public bool IsTaken(string id) => HasEnded(id) || FindActive(id) is not null;
}
