using System.Text.Json;
using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>What <c>active/&lt;worker&gt;/lease</c> holds.</summary>
/// <param name="Worker">The worker's name.</param>
/// <param name="Host">Where its process id means something.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Started">The process's start, against re-used ids.</param>
/// <param name="Beat">Counts up with each heartbeat.</param>
public sealed record LeaseContent(string Worker, string Host, int Pid, string Started, long Beat);

/// <summary>
/// A worker's claim on the jobs in its folder, renewed by a counter. Others judge it by how long *they* have seen the counter
/// stand still, on their own monotonic clock, so that machines need not agree on the time.
/// </summary>
public sealed class WorkerLease
{
    public const string FileName = "lease";

    private LeaseContent _content;

    private WorkerLease(string file, LeaseContent content)
    {
        File = file;
        _content = content;
    }

    public string Worker => _content.Worker;

    /// <summary>The lease on disk: while it is there, the jobs beside it are this worker's.</summary>
    public string File { get; }

    /// <summary>Makes a worker's folder and its lease. The name is new: no other process has it.</summary>
    public static WorkerLease Acquire(ServiceRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        int pid = Environment.ProcessId;
        string worker = $"{JobId.From(Environment.MachineName)}-{pid}-{Guid.NewGuid().ToString("N")[..8]}";
        string folder = root.WorkerFolder(worker);
        string staging = Path.Combine(root.Active, $".{worker}");
        Directory.CreateDirectory(staging);
        var lease = new WorkerLease(Path.Combine(folder, FileName), new LeaseContent(worker, HostIdentity.Current, pid, HostIdentity.StartOf(pid) ?? string.Empty, 0));

        // The folder appears with its lease inside, so that nobody sees it without.
        try
        {
            DurableFile.WriteBytes(Path.Combine(staging, FileName), JsonSerializer.SerializeToUtf8Bytes(lease._content));
            Directory.Move(staging, folder);
        }
        catch
        {
            Directory.Delete(staging, recursive: true);
            throw;
        }

        DurableFile.SyncFolder(root.Active);
        return lease;
    }

    /// <summary>Renews the lease. Not flushed: after a power loss nobody lives whom it could protect.</summary>
    /// <returns>False where the folder is gone: the jobs were taken over.</returns>
    /// <exception cref="IOException">It can't be written now.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written now.</exception>
    public bool Beat()
    {
        _content = _content with { Beat = _content.Beat + 1 };
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(_content);
        string temporary = $"{File}{DurableFile.TemporarySuffix}";
        try
        {
            try
            {
                System.IO.File.WriteAllBytes(temporary, content);
                return FileMove.Try(temporary, File);
            }
            catch (Exception exception) when (exception is not DirectoryNotFoundException && SystemError.IsOfFiles(exception))
            {
                // Without room for another file, or the right to make one: over the one that is there, whose bytes need no more.
                using FileStream stream = new(File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1);
                stream.Write(content);
                stream.SetLength(content.Length);
                return true;
            }
        }
        catch (Exception exception) when (exception is DirectoryNotFoundException or FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Gives the lease up: whatever is left in the folder may be taken at once; an empty folder goes.</summary>
    public void Release()
    {
        string folder = Path.GetDirectoryName(File)!;
        try
        {
            System.IO.File.Delete(File);
            System.IO.File.Delete($"{File}{DurableFile.TemporarySuffix}");
            PulseFile.Remove(folder);
            Directory.Delete(folder, recursive: false);
        }
        catch (DirectoryNotFoundException)
        {
            // Taken over and removed by another worker.
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            // Not empty: jobs that go on at the next start. Or out of reach: the process's end tells as well.
        }
    }

    /// <summary>
    /// Whether a single look shows that a worker is gone: it gave its lease up, or it was a process of this host that ended.
    /// Of a worker on another host only its own kind can tell, over time.
    /// </summary>
    public static bool IsGone(string workerFolder) =>
        !System.IO.File.Exists(Path.Combine(workerFolder, FileName))
        || (Read(workerFolder) is { } lease && lease.Host == HostIdentity.Current && !HostIdentity.IsAlive(lease.Pid, lease.Started));

    /// <summary>Reads a worker's lease; null where it has none or it can't be read.</summary>
    public static LeaseContent? Read(string workerFolder)
    {
        try
        {
            return JsonSerializer.Deserialize<LeaseContent>(RegularFile.ReadAllBytes(Path.Combine(workerFolder, FileName)));
        }
        catch (Exception exception) when (exception is JsonException || SystemError.IsOfFiles(exception))
        {
            return null;
        }
    }
}
