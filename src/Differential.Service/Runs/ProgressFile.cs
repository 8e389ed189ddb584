using System.Text.Json;
using Differential.Service.Progress;

namespace Differential.Service.Runs;

/// <summary>
/// <c>progress.json</c> of a run that is under way: how far it is, for <c>status</c> and for whoever looks at the folder. It is written
/// anew every two seconds at most and is not flushed; a disk that refuses it changes nothing for the job.
/// </summary>
internal sealed class ProgressFile(string path, TimeProvider time) : JobObserver
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private long? _written;

    public override void Progressed(JobProgress progress)
    {
        if (_written is { } last && time.GetElapsedTime(last) < Pause)
        {
            return;
        }

        _written = time.GetTimestamp();
        try
        {
            string draft = path + ".new";
            File.WriteAllText(draft, JsonSerializer.Serialize(progress, ResultJson.Line));
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The job itself says what is wrong with its folder.
        }
    }

    /// <summary>Reads the file of a run; null where there is none.</summary>
    public static JobProgress? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<JobProgress>(File.ReadAllBytes(path), ResultJson.Line);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Removes it: the job has ended.</summary>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is told of no more: the job's state goes before it.
        }
    }
}
