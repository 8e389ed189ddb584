using System.Text.Json;

namespace Differential.Service.Queue;

/// <summary>
/// <c>index/</c> in the root: what the indexes held when they were written, so that nobody has to look at every job again. It is a
/// cache. What is missing, damaged, of another version or older than a folder is passed over, and written anew from the folders.
/// </summary>
/// <param name="root">The root.</param>
internal sealed class IndexFile(ServiceRoot root)
{
    /// <summary>Goes up with each change of what is written.</summary>
    private const int Version = 2;

    private string Folder => Path.Combine(root.Path, "index");

    private string Ended => Path.Combine(Folder, "ended.json");

    private string Queued => Path.Combine(Folder, "queued.json");

    private string Summary => Path.Combine(Folder, "summary.json");

    /// <summary>Whether this process may write here so that the service can write it anew: it is the root's own user.</summary>
    public bool IsMine => FileOwner.Of(root.Path) is not { } owner || FileOwner.Of("/proc/self")?.User == owner.User;

    /// <summary>Writes every ended job; nothing where the index is not sure of its folders.</summary>
    public bool WriteEnded(EndedIndex index) => index.Stamps is { } stamps && Write(Ended, json =>
    {
        json.WriteStartArray("folders");
        foreach (DateTime stamp in stamps)
        {
            json.WriteNumberValue(stamp.Ticks);
        }

        json.WriteEndArray();
        json.WriteStartArray("jobs");
        foreach (EndedJob job in index.All)
        {
            IndexJson.Write(json, job);
        }

        json.WriteEndArray();
    });

    /// <summary>Takes the ended jobs over that were written; false where there are none that can be used.</summary>
    public bool ReadEnded(EndedIndex index) => Read(Ended, json => index.Restore(
        [.. json.GetProperty("jobs").EnumerateArray().Select(IndexJson.ReadEnded)],
        [.. json.GetProperty("folders").EnumerateArray().Select(IndexJson.ReadTime)]));

    /// <summary>Writes every waiting job.</summary>
    public bool WriteQueued(IReadOnlyList<IncomingJob> jobs) => Write(Queued, json =>
    {
        json.WriteStartArray("jobs");
        foreach (IncomingJob job in jobs)
        {
            IndexJson.Write(json, job);
        }

        json.WriteEndArray();
    });

    /// <summary>The waiting jobs as they were written; each holds for a file of the same size and time alone.</summary>
    public IReadOnlyList<IncomingJob> ReadQueued()
    {
        IReadOnlyList<IncomingJob> jobs = [];
        Read(Queued, json => jobs = [.. json.GetProperty("jobs").EnumerateArray().Select(IndexJson.ReadIncoming)]);
        return jobs;
    }

    /// <summary>Writes what <c>status</c> shows without asking for more.</summary>
    public bool WriteSummary(QueueSummary summary) => Write(Summary, json => IndexJson.Write(json, summary));

    /// <summary>The summary as it was written; null where there is none.</summary>
    public QueueSummary? ReadSummary()
    {
        QueueSummary? summary = null;
        Read(Summary, json => summary = IndexJson.ReadSummary(json));
        return summary;
    }

    private bool Write(string file, Action<Utf8JsonWriter> write)
    {
        string temporary = $"{file}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(Folder);
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write))
            {
                using var json = new Utf8JsonWriter(stream);
                json.WriteStartObject();
                json.WriteNumber("version", Version);
                write(json);
                json.WriteEndObject();
            }

            // Not flushed to the disk: a file that a power loss damages is passed over.
            File.Move(temporary, file, overwrite: true);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No room or no right: everything works without.
            return false;
        }
    }

    private static bool Read(string file, Action<JsonElement> read)
    {
        try
        {
            if (!File.Exists(file))
            {
                return false;
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            if (json.RootElement.GetProperty("version").GetInt32() != Version)
            {
                return false;
            }

            read(json.RootElement);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            // Damaged: as good as none.
            return false;
        }
    }
}
