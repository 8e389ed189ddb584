using System.Text.Json;
using Differential.Core;
using Differential.Core.Files;

namespace Differential.Service.Runs;

/// <summary>The folder of one run, locked against other processes while it is open.</summary>
public sealed class RunFolder : IDisposable
{
    private readonly FileStream _lock;

    private RunFolder(string path, FileStream lockFile)
    {
        Path = path;
        _lock = lockFile;
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
    public string Checkpoint => In("checkpoint");

    /// <summary>Event files for TensorBoard.</summary>
    public string TensorBoard => In("tensorboard");

    /// <summary>The runs of a sweep's jobs, a folder each.</summary>
    public string Jobs => In("jobs");

    private string State => System.IO.Path.Combine(Checkpoint, "run.json");

    /// <summary>Opens or creates a run's folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="owner">
    /// Whose the folder is where a lease decides that and not the lock: a worker that was taken over may stand still with the
    /// lock in its hand.
    /// </param>
    /// <exception cref="InputException">It is in use by another process, or can't be written.</exception>
    public static RunFolder Open(string path, string? owner = null)
    {
        string full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(System.IO.Path.Combine(full, "checkpoint"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, string.Empty, $"the run's folder can't be made ({exception.Message.TrimEnd('.')})", "allowed: a folder that can be written");
        }

        try
        {
            // Held open for the run's time; the system lets go of it however the process ends.
            string name = owner is null ? "lock" : $"lock-{owner}";
            FileStream file = new(System.IO.Path.Combine(full, "checkpoint", name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new RunFolder(full, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, string.Empty, "the run's folder is in use by another process, or can't be written", "allowed: one process at a time in a run's folder");
        }
    }

    /// <summary>What is known of the run that is or was in this folder; null where there was none.</summary>
    public RunState? ReadState()
    {
        try
        {
            return JsonSerializer.Deserialize<RunState>(File.ReadAllBytes(State), ResultJson.Options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void WriteState(RunState state) => DurableFile.WriteText(State, JsonSerializer.Serialize(state, ResultJson.Options));

    /// <summary>Removes what a run wrote; files of other names stay.</summary>
    public void Clear()
    {
        foreach (string file in (string[])[Job, Metrics, Result, Model, Onnx, Adversarial, Samples, Report, Log, Progress])
        {
            File.Delete(file);
        }

        foreach (string folder in (string[])[In("models"), TensorBoard, Jobs])
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
            else if (entry != _lock.Name && entry != State)
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

    public void Dispose() => _lock.Dispose();

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>What a run's folder remembers between processes.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="Started">When it was first started.</param>
/// <param name="Seconds">Time of the work before the last interruption.</param>
/// <param name="Resources">What that work took of its machine.</param>
public sealed record RunState(string Id, DateTimeOffset Started, double Seconds, RunResources? Resources = null);
