using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Core.Files;

namespace Differential.Service.Queue;

/// <summary>Why a job failed, in <c>failed/&lt;id&gt;.error</c> beside its text.</summary>
public sealed record JobError
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required string Id { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Message { get; init; }

    /// <summary>The file of a mistake in the input.</summary>
    public string? File { get; init; }

    /// <summary>Where in that file.</summary>
    public string? Place { get; init; }

    /// <summary>What was found there.</summary>
    public string? Found { get; init; }

    /// <summary>What is allowed there.</summary>
    public string? Allowed { get; init; }

    public int Attempts { get; init; }

    /// <summary>The SHA-256 of the job's file: the very job, handed in again under its id, goes on from its checkpoint.</summary>
    public string? Hash { get; init; }

    public required DateTimeOffset Time { get; init; }

    public static JobError Of(string id, Exception exception, int attempts, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception is InputException input
            ? new JobError
            {
                Id = id, Message = input.Message, File = input.File, Place = input.Place, Found = input.Found, Allowed = input.Allowed, Attempts = attempts, Time = time,
            }
            : new JobError { Id = id, Message = exception.Message, Attempts = attempts, Time = time };
    }

    public void Write(ServiceRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        DurableFile.WriteBytes(root.ErrorFile(Id), JsonSerializer.SerializeToUtf8Bytes(this, Json));
    }

    /// <summary>The error of a failed job; null where there is none.</summary>
    public static JobError? Read(ServiceRoot root, string id)
    {
        ArgumentNullException.ThrowIfNull(root);
        try
        {
            return JsonSerializer.Deserialize<JobError>(System.IO.File.ReadAllBytes(root.ErrorFile(id)), Json);
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
