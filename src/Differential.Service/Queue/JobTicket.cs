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

    /// <summary>The name of the waiting file for which the id is kept; null once its job was taken.</summary>
    public string? Reserved { get; init; }

    /// <summary>When it was started last (UTC).</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended (UTC); null where it has not, or was handed in again.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Ends of a process that this job can have caused: those that were seen, and one where it ran when the service's process ended.</summary>
    public int Attempts => Crashes + (Alone ? 1 : 0);

    /// <summary>How often the job's own process has ended without a word while the service lived: nothing else can have caused it.</summary>
    public int Crashes { get; init; }

    /// <summary>Whether the service's process once ended unexplained while this job ran: from then on the job runs in a process of its own.</summary>
    public bool Alone { get; init; }

    /// <summary>Whether a start has not ended yet, as far as is known.</summary>
    public bool Running { get; init; }

    /// <summary>The machine, and its boot, of the latest start.</summary>
    public string? Host { get; init; }

    /// <summary>That machine's name.</summary>
    public string? Machine { get; init; }

    /// <summary>All starts.</summary>
    public int Starts { get; init; }

    /// <summary>How far the job had come when its process ended last, as its run folder's checkpoint says.</summary>
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

    /// <summary>The waiting file for which an id is kept; null where there is none.</summary>
    internal static string? ReservedFor(ServiceRoot root, string id) => File.Exists(root.TicketFile(id)) ? Read(root, id)?.Reserved : null;

    /// <summary>The ticket of a job; null where there is none or it can't be read.</summary>
    public static JobTicket? Read(ServiceRoot root, string id)
    {
        ArgumentNullException.ThrowIfNull(root);
        try
        {
            return JsonSerializer.Deserialize<JobTicket>(RegularFile.ReadAllBytes(root.TicketFile(id)), Json);
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
