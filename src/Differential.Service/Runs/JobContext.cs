using System.Text.Json.Nodes;
using Differential.Core.Data;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;

namespace Differential.Service.Runs;

/// <summary>What a prepared job runs with.</summary>
internal sealed class JobContext
{
    public required string Id { get; init; }

    /// <summary>The worker whose lease guards the folder; null where the folder's own lock does.</summary>
    public string? Owner { get; init; }

    /// <summary>The job, every default filled in.</summary>
    public required JobSpec Spec { get; init; }

    public required RunFolder Folder { get; init; }

    public required ComputeDevice Device { get; init; }

    public required JobObserver Observer { get; init; }

    /// <summary>The lines of metrics.jsonl so far.</summary>
    public required Func<IReadOnlyList<JsonObject>> Metrics { get; init; }

    public required CancellationToken Cancellation { get; init; }

    /// <summary>Runs a job that this one is made of, in a folder of its own.</summary>
    public required Func<JobRequest, JobObserver, JobReport> RunPart { get; init; }

    /// <summary>Says what the user should know of how the data were read.</summary>
    public void Tell(DataSplits data)
    {
        foreach (string note in data.Notes)
        {
            Observer.Message(note);
        }
    }
}

/// <summary>What a run left, for who shows it.</summary>
/// <param name="Header">The common fields of result.json.</param>
/// <param name="Outcome">The kind's own.</param>
/// <param name="Folder">The run's folder.</param>
internal sealed record JobReport(RunHeader Header, JobOutcome Outcome, string Folder);
