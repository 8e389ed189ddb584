using System.Diagnostics;
using System.Text.Json;
using Differential.Core;
using Differential.Core.Files;
using Differential.Core.Training;

namespace Differential.Service.Runs;

/// <summary>The folder of one run, locked against other processes while it is open.</summary>
public sealed class RunFolder : IDisposable
{
    private const string CheckpointName = "checkpoint";

    private const string StateName = "run.json";

    /// <summary>How long a lock may be held by somebody who only looks whether it is.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly IDisposable? _lock;
    private readonly string _lockFile;

    private RunFolder(string path, string lockFile, IDisposable? taken)
    {
        Path = path;
        _lockFile = lockFile;
        _lock = taken;
    }

    public string Path { get; }

    public string Job => In("job.json");

    public string Metrics => In("metrics.jsonl");

    public string Result => In("result.json");

    /// <summary>The result of the finished run that was here before this one.</summary>
    public string PreviousResult => In("result.previous.json");

    public string Model => In("model.safetensors");

    public string Onnx => In("model.onnx");

    public string Adversarial => In("adversarial.safetensors");

    public string Samples => In("samples.csv");

    public string Report => In("report.html");

    public string Log => In("log.jsonl");

    /// <summary>How far the run is, while it is under way.</summary>
    public string Progress => In("progress.json");

    /// <summary>What resuming needs; its folder is there.</summary>
    public string Checkpoint => In(CheckpointName);

    /// <summary>Event files for TensorBoard.</summary>
    public string TensorBoard => In("tensorboard");

    /// <summary>The runs of a sweep's jobs, a folder each.</summary>
    public string Jobs => In("jobs");

    /// <summary>What collecting a comparison's networks needs of a job that trained one of them.</summary>
    public string Part => In("part.json");

    private string State => System.IO.Path.Combine(Checkpoint, StateName);

    /// <summary>Opens or creates a run's folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="owner">
    /// Whose the folder is where a lease decides that and not the lock: a worker that was taken over may stand still with the
    /// lock in its hand.
    /// </param>
    /// <exception cref="FolderHeldException">It is in use by another process.</exception>
    /// <exception cref="InputException">It can't be written, or its file system has no locks.</exception>
    public static RunFolder Open(string path, string? owner = null)
    {
        string full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(System.IO.Path.Combine(full, CheckpointName));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, string.Empty, $"the run's folder can't be made ({exception.Message.TrimEnd('.')})", "allowed: a folder that can be written");
        }

        string file = LockFile(full, owner);
        try
        {
            long start = Stopwatch.GetTimestamp();
            while (true)
            {
                // Held open for the run's time; the system lets go of it however the process ends.
                if (FileLock.TryTake(file) is { } taken)
                {
                    return new RunFolder(full, file, taken);
                }

                if (Stopwatch.GetElapsedTime(start) > Glance)
                {
                    throw new FolderHeldException(path);
                }

                Thread.Sleep(Pause);
            }
        }
        catch (NoFileLocksException) when (owner is not null)
        {
            return new RunFolder(full, file, null);
        }
        catch (NoFileLocksException exception)
        {
            throw SharedFolder.Mistake(path, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, string.Empty, $"the run's folder can't be written ({exception.Message.TrimEnd('.')})", "allowed: a folder that can be written");
        }
    }

    /// <summary>Opens a folder as <see cref="Open"/> does, and waits for whoever holds it.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="patience">How long; <see cref="FolderHeldException"/> behind it.</param>
    /// <param name="look">Called while it waits, before each try but the first; what it throws ends the wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static RunFolder Wait(string path, TimeSpan patience, Action look, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(look);
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return Open(path);
            }
            catch (FolderHeldException) when (Stopwatch.GetElapsedTime(start) < patience)
            {
                cancellation.WaitHandle.WaitOne(Look);
                cancellation.ThrowIfCancellationRequested();
                look();
            }
        }
    }

    /// <summary>Whether a process holds a run's folder.</summary>
    /// <exception cref="IOException">It can't be told.</exception>
    /// <exception cref="UnauthorizedAccessException">It can't be told.</exception>
    public static bool IsHeld(string path) => FileLock.IsHeld(LockFile(path, null));

    /// <summary>Whether a run was started in a folder.</summary>
    public static bool IsStarted(string path) => File.Exists(System.IO.Path.Combine(path, CheckpointName, StateName));

    /// <summary>The id of the job whose run is or was in a folder; null where there was none.</summary>
    public static string? IdIn(string path) => ReadState(System.IO.Path.Combine(path, CheckpointName, StateName))?.Id;

    /// <summary>What is known of the run that is or was in this folder; null where there was none.</summary>
    public RunState? ReadState() => ReadState(State);

    /// <summary>Writes what later processes are to know of the run.</summary>
    public void WriteState(RunState state) => DurableFile.WriteText(State, JsonSerializer.Serialize(state, ResultJson.Options));

    /// <summary>Removes what a run wrote; files of other names stay.</summary>
    /// <param name="withJobs">Whether the folders of a sweep's jobs go as well.</param>
    public void Clear(bool withJobs)
    {
        foreach (string file in (string[])[Job, Metrics, Result, Model, Onnx, Adversarial, Samples, Report, Log, Progress, Part])
        {
            File.Delete(file);
        }

        foreach (string folder in (string[])[In("models"), TensorBoard, .. withJobs ? [Jobs] : Array.Empty<string>()])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        ClearCheckpoint();
    }

    /// <summary>Removes what resuming would need.</summary>
    public void ClearCheckpoint()
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(Checkpoint))
        {
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }
            else if (entry != _lockFile && entry != State)
            {
                File.Delete(entry);
            }
        }
    }

    /// <summary>A subfolder for a model of a comparison, created.</summary>
    public string ModelFolder(string name)
    {
        string folder = System.IO.Path.Combine(Path, "models", name);
        Directory.CreateDirectory(folder);
        return folder;
    }

    public void Dispose() => _lock?.Dispose();

    private static RunState? ReadState(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<RunState>(File.ReadAllBytes(file), ResultJson.Options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static string LockFile(string path, string? owner) => System.IO.Path.Combine(path, CheckpointName, owner is null ? "lock" : $"lock-{owner}");

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>What a run's folder remembers between processes.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="Started">When it was first started.</param>
/// <param name="Seconds">Time of the work before the last interruption.</param>
/// <param name="Resources">What that work took of its machine.</param>
public sealed record RunState(string Id, DateTimeOffset Started, double Seconds, RunResources? Resources = null)
{
    /// <summary>The programs and devices that had a part in it, the latest last; empty in runs of 0.1.0.</summary>
    public IReadOnlyList<TrainingOrigin> Origins { get; init; } = [];
}
