using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Differential.Core.Files;
using Differential.Core.Training;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;

namespace Differential.Service.Runs;

/// <summary>The device of a run, and what its matrix products rounded their factors to.</summary>
public sealed record RunDevice(DeviceKind Kind, string Name, MatrixPrecision Precision)
{
    /// <summary>Width of the SIMD device's vectors; absent for other devices.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int VectorBits { get; init; }
}

/// <summary>What every result.json starts with.</summary>
public sealed record RunHeader
{
    public required string Kind { get; init; }

    /// <summary>The job's name, or its kind.</summary>
    public required string Name { get; init; }

    public required string Id { get; init; }

    /// <summary>Done, failed or cancelled.</summary>
    public required JobState Status { get; init; }

    public required long Seed { get; init; }

    public required RunDevice Device { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Finished { get; init; }

    /// <summary>Time of the work, without pauses between an interruption and the next start.</summary>
    public required double Seconds { get; init; }

    /// <summary>What the run took of its machine; null for a job of a sweep, whose sweep tells it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunResources? Resources { get; init; }

    /// <summary>The program's version; absent in results of 0.1.0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Program { get; init; }

    /// <summary>Where a run was computed that went on elsewhere, the latest last; absent where all of it was computed alike.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TrainingOrigin>? Origins { get; init; }

    /// <summary>Why a job failed, one sentence.</summary>
    public string? Error { get; init; }
}

/// <summary><c>result.json</c>: the header's fields, then those of the job's kind.</summary>
internal static class ResultFile
{
    /// <summary>Writes the file durably.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">The common fields.</param>
    /// <param name="outcome">The kind's own fields; null for a failed job.</param>
    public static void Write(string path, RunHeader header, JobOutcome? outcome)
    {
        JsonObject result = JsonSerializer.SerializeToNode(header, ResultJson.Options)!.AsObject();
        if (header.Error is null)
        {
            result.Remove("error");
        }

        if (outcome is not null)
        {
            JsonObject own = JsonSerializer.SerializeToNode(outcome, outcome.GetType(), ResultJson.Options)!.AsObject();
            foreach ((string name, JsonNode? value) in own)
            {
                result[name] = value?.DeepClone();
            }
        }

        DurableFile.WriteText(path, result.ToJsonString(ResultJson.Options) + "\n");
    }

    /// <summary>The common fields of a result that is there; null where there is none or it can't be read.</summary>
    public static RunHeader? ReadHeader(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RunHeader>(File.ReadAllBytes(path), ResultJson.Options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
