using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Service.Runs;

/// <summary>What a prepared job runs with.</summary>
internal sealed class JobContext : ReportedRun
{
    /// <summary>The worker whose lease guards the folder; null where the folder's own lock does.</summary>
    public string? Owner { get; init; }

    public required RunFolder Folder { get; init; }

    public required ComputeDevice Device { get; init; }

    public required JobObserver Observer { get; init; }

    public required CancellationToken Cancellation { get; init; }

    /// <summary>Called before a checkpoint or a stage's result is written; throws where another attempt has taken the run over.</summary>
    public Action? Guard { get; init; }

    /// <summary>Whether what collecting a comparison's networks needs is left in the folder.</summary>
    public bool KeepsPart { get; init; }

    public override string ReportFile => Folder.Report;

    public override string DeviceText => $"{Device.Info.Id} ({Device.Info.Name})";

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
