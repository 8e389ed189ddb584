using System.Text.Json;
using Differential.Service.Jobs;

namespace Differential.Service.Queue;

/// <summary>The entries of the index as JSON; written out, since <c>status</c> starts faster without a serialiser.</summary>
internal static class IndexJson
{
    public static void Write(Utf8JsonWriter json, EndedJob job)
    {
        json.WriteStartObject();
        json.WriteString("id", job.Id);
        json.WriteString("state", job.State.ToText());
        json.WriteNumber("ended", job.Ended.UtcTicks);
        json.WriteNumber("mark", job.Mark.Ticks);
        Text(json, "kind", job.Kind);
        Text(json, "name", job.Name);
        Text(json, "error", job.Error);
        if (job.Seconds is { } seconds)
        {
            json.WriteNumber("seconds", seconds);
        }

        Texts(json, "files", job.Files);
        json.WriteEndObject();
    }

    public static EndedJob ReadEnded(JsonElement json) => new()
    {
        Id = json.GetProperty("id").GetString()!,
        State = Enum.Parse<JobState>(json.GetProperty("state").GetString()!, ignoreCase: true),
        Ended = new DateTimeOffset(ReadTime(json.GetProperty("ended")), TimeSpan.Zero),
        Mark = ReadTime(json.GetProperty("mark")),
        Kind = Text(json, "kind"),
        Name = Text(json, "name"),
        Error = Text(json, "error"),
        Seconds = json.TryGetProperty("seconds", out JsonElement seconds) ? seconds.GetDouble() : null,
        Files = Texts(json, "files"),
    };

    public static void Write(Utf8JsonWriter json, IncomingJob job)
    {
        json.WriteStartObject();
        json.WriteString("file", job.Name);
        json.WriteString("id", job.Id);
        json.WriteNumber("size", job.Size);
        json.WriteNumber("modified", job.Modified.Ticks);
        json.WriteNumber("priority", job.Priority);
        Text(json, "refused", job.Refused);
        Text(json, "device", job.Device);
        Text(json, "kind", job.Kind);
        Texts(json, "after", job.After);
        json.WriteEndObject();
    }

    public static IncomingJob ReadIncoming(JsonElement json) =>
        new(json.GetProperty("file").GetString()!, json.GetProperty("size").GetInt64(), ReadTime(json.GetProperty("modified")))
        {
            Id = json.GetProperty("id").GetString()!,
            Priority = json.GetProperty("priority").GetInt32(),
            Refused = Text(json, "refused"),
            Device = Text(json, "device"),
            Kind = Text(json, "kind"),
            After = Texts(json, "after"),
        };

    public static void Write(Utf8JsonWriter json, QueueSummary summary)
    {
        json.WriteStartArray("folders");
        foreach (DateTime stamp in summary.Folders)
        {
            json.WriteNumberValue(stamp.Ticks);
        }

        json.WriteEndArray();
        json.WriteStartArray("counts");
        foreach (int count in (int[])[summary.Queued, summary.Done, summary.Failed, summary.Cancelled])
        {
            json.WriteNumberValue(count);
        }

        json.WriteEndArray();
        Texts(json, "unreadable", summary.Unreadable);
        json.WriteStartArray("next");
        foreach (IncomingJob job in summary.Next)
        {
            Write(json, job);
        }

        json.WriteEndArray();
        json.WriteStartArray("latest");
        foreach (EndedJob job in summary.Latest)
        {
            Write(json, job);
        }

        json.WriteEndArray();
    }

    public static QueueSummary ReadSummary(JsonElement json)
    {
        int[] counts = [.. json.GetProperty("counts").EnumerateArray().Select(c => c.GetInt32())];
        return new QueueSummary
        {
            Folders = [.. json.GetProperty("folders").EnumerateArray().Select(ReadTime)],
            Queued = counts[0],
            Done = counts[1],
            Failed = counts[2],
            Cancelled = counts[3],
            Unreadable = Texts(json, "unreadable"),
            Next = [.. json.GetProperty("next").EnumerateArray().Select(ReadIncoming)],
            Latest = [.. json.GetProperty("latest").EnumerateArray().Select(ReadEnded)],
        };
    }

    public static DateTime ReadTime(JsonElement json) => new(json.GetInt64(), DateTimeKind.Utc);

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static string[] Texts(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(t => t.GetString()!)];
}
