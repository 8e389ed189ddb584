using System.Text.Json.Nodes;
using Differential.Service.Jobs;

namespace Differential.Service.Runs;

/// <summary>What a report says of the run that it is of.</summary>
internal abstract class ReportedRun
{
    public required string Id { get; init; }

    /// <summary>The job, every default filled in.</summary>
    public required JobSpec Spec { get; init; }

    /// <summary>The lines of metrics.jsonl so far.</summary>
    public required Func<IReadOnlyList<JsonObject>> Metrics { get; init; }

    /// <summary>The fields that result.json would start with if the run were done now.</summary>
    public required Func<RunHeader> Header { get; init; }

    /// <summary>The report's file.</summary>
    public abstract string ReportFile { get; }

    /// <summary>Where it ran: the device's id and name.</summary>
    public abstract string DeviceText { get; }
}
