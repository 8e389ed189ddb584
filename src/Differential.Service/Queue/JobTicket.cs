using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>
/// What the queue knows of a job beyond its file, in <c>runs/&lt;id&gt;/ticket.json</c>. It is on disk before the job starts, so
/// that a job which takes the process down is counted.
/// </summary>
public sealed record JobTicket
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required string Id { get; init; }

    /// <summary>The name of the file that was handed in.</summary>
    public required string Source { get; init; }

    /// <summary>When the job was claimed first (UTC).</summary>
    public required DateTimeOffset Claimed { get; init; }

    /// <summary>Starts since the job last came further.</summary>
    public int Attempts { get; init; }

    /// <summary>All starts.</summary>
    public int Starts { get; init; }

    /// <summary>How far the job had come at its latest start, as its run folder's checkpoint says; null before the first.</summary>
    public string? Progress { get; init; }

    /// <summary>The worker of the latest start.</summary>
    public string? Worker { get; init; }

    /// <exception cref="IOException">The disk is full or gone.</exception>
    public void Write(ServiceRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        Directory.CreateDirectory(root.RunFolder(Id));
        DurableFile.WriteBytes(root.TicketFile(Id), JsonSerializer.SerializeToUtf8Bytes(this, Json));
    }

    /// <summary>The ticket of a job; null where there is none or it can't be read.</summary>
    public static JobTicket? Read(ServiceRoot root, string id)
    {
        ArgumentNullException.ThrowIfNull(root);
        try
        {
            return JsonSerializer.Deserialize<JobTicket>(File.ReadAllBytes(root.TicketFile(id)), Json);
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
