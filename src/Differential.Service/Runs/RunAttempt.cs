using System.Text;
using System.Text.Json;
using Differential.Core.Files;

namespace Differential.Service.Runs;

/// <summary>What <c>attempt.json</c> of a run holds.</summary>
/// <param name="Number">How often the run was begun, from 1.</param>
/// <param name="Token">Tells this attempt from every other.</param>
/// <param name="Host">The machine.</param>
/// <param name="Pid">The process there.</param>
/// <param name="Started">When it began.</param>
/// <param name="Progress">How far the run had come then.</param>
/// <param name="Stalled">How many attempts before it, in a row, came no further.</param>
internal sealed record AttemptRecord(int Number, string Token, string Host, int Pid, DateTimeOffset Started, string Progress, int Stalled);

/// <summary>
/// A process's claim on a run that several machines may begin: each attempt writes its number, and reads it again before it writes a
/// checkpoint. So a process that lives on after its machine was given up stops as soon as its copy has begun, whatever became of its lock.
/// </summary>
internal sealed class RunAttempt
{
    /// <summary>Attempts in a row that come no further before the run is given up.</summary>
    public const int MostStalled = 5;

    private const string Name = "attempt.json";

    /// <summary>Work between two checkpoints that counts as progress, though no epoch ended.</summary>
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly string _folder;
    private readonly AttemptRecord _record;

    private RunAttempt(string folder, AttemptRecord record)
    {
        _folder = folder;
        _record = record;
    }

    public int Number => _record.Number;

    /// <summary>How many attempts before this one, in a row, came no further.</summary>
    public int Stalled => _record.Stalled;

    /// <summary>Begins a new attempt: from now on the ones before stop at their next checkpoint.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static RunAttempt Begin(string folder, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, Name);
        using FileLock turn = WaitForTurn(path + ".lock");
        AttemptRecord? earlier = Read(folder);
        string progress = ProgressOf(folder);
        bool isFurther = earlier is null || progress != earlier.Progress || WorkedSince(folder, path) >= Minute || HasEnded(folder);
        var record = new AttemptRecord(
            (earlier?.Number ?? 0) + 1, Guid.NewGuid().ToString("N"), Environment.MachineName, Environment.ProcessId, time.GetUtcNow(), progress, isFurther ? 0 : earlier!.Stalled + 1);

        // In place: a network file system shows what an open file's name holds sooner than that the name is another file's.
        using (FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.Write(JsonSerializer.SerializeToUtf8Bytes(record, ResultJson.Line));
            stream.SetLength(stream.Position);
            stream.Flush(flushToDisk: true);
        }

        return new RunAttempt(folder, record);
    }

    /// <summary>The latest attempt on a run; null where there was none, or it can't be read.</summary>
    public static AttemptRecord? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<AttemptRecord>(File.ReadAllBytes(Path.Combine(folder, Name)), ResultJson.Options);
        }
        catch (Exception exception) when (exception is JsonException || SystemError.IsOfFiles(exception))
        {
            return null;
        }
    }

    /// <summary>Whether this attempt is the latest; to be called before anything is written.</summary>
    /// <exception cref="SupersededException">It is not.</exception>
    public void Check()
    {
        if (Newer() is { } newer)
        {
            throw new SupersededException(_folder, newer.Number);
        }
    }

    /// <summary>The attempt that has taken the run over; null where this one is the latest.</summary>
    public AttemptRecord? Newer() => Read(_folder) is { } latest && latest.Token != _record.Token ? latest : null;

    // Whole epochs, attacks and stages: what a log of them and the kept stages tell.
    private static string ProgressOf(string folder)
    {
        var text = new StringBuilder();
        var metrics = new FileInfo(Path.Combine(folder, "metrics.jsonl"));
        text.Append(metrics.Exists ? metrics.Length : 0);
        string checkpoint = Path.Combine(folder, "checkpoint");
        string[] stages = Directory.Exists(checkpoint) ? Directory.GetFiles(checkpoint, "*.json", SearchOption.AllDirectories) : [];
        foreach (string stage in stages.Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(stage) != "run.json")
            {
                text.Append(' ').Append(Path.GetRelativePath(checkpoint, stage));
            }
        }

        return text.ToString();
    }

    // From the start of the attempt before to its last checkpoint; both are the file server's times.
    private static TimeSpan WorkedSince(string folder, string attempt)
    {
        string checkpoint = Path.Combine(folder, "checkpoint");
        string[] checkpoints = Directory.Exists(checkpoint) ? Directory.GetFiles(checkpoint, "*.bin", SearchOption.AllDirectories) : [];
        DateTime last = checkpoints.Select(File.GetLastWriteTimeUtc).DefaultIfEmpty(DateTime.MinValue).Max();
        return last == DateTime.MinValue ? TimeSpan.Zero : last - File.GetLastWriteTimeUtc(attempt);
    }

    // Somebody tries a run again that has failed: that is no attempt that stalled.
    private static bool HasEnded(string folder) => File.Exists(Path.Combine(folder, "result.json"));

    private static FileLock WaitForTurn(string path)
    {
        for (int tries = 0; tries < 1000; tries++)
        {
            if (FileLock.TryTake(path) is { } taken)
            {
                return taken;
            }

            Thread.Sleep(10);
        }

        throw new IOException($"{path}: held by another process for too long");
    }
}
