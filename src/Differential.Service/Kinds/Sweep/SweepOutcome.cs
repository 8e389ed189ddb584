using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Sweep;

/// <summary>The jobs of a sweep.</summary>
public sealed record SweepOutcome : JobOutcome
{
    public required IReadOnlyList<SweepRow> Jobs { get; init; }

    internal override void WriteTables(TextWriter output) => SweepTable.Write(this, output);
}

/// <summary>One of them.</summary>
public sealed record SweepRow
{
    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>The values of the fields that are varied, by their place in the job.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Fields { get; init; }

    public required TaskState Status { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Its run's folder, relative to the sweep's.</summary>
    public required string Folder { get; init; }

    /// <summary>Why it failed, one sentence.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>The figures of its result that a table shows; the rest is in its own result.json.</summary>
    public required IReadOnlyDictionary<string, double?> Result { get; init; }

    /// <summary>The row of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="result">Its result.json, read where the job is done.</param>
    /// <param name="header">The result's common fields; null where there is none.</param>
    /// <param name="error">Why it failed, where the result does not say.</param>
    internal static SweepRow Of(SweepTask job, TaskState state, string result, RunHeader? header, string? error = null) => new()
    {
        Number = job.Number,
        Fields = job.Fields,
        Status = state,
        Seconds = header?.Seconds ?? 0,
        Folder = string.Create(CultureInfo.InvariantCulture, $"jobs/{job.Number}"),
        Error = header?.Error ?? error,
        Result = state == TaskState.Done ? SweepSummary.Of(JsonNode.Parse(File.ReadAllBytes(result))!.AsObject()) : new Dictionary<string, double?>(),
    };
}
