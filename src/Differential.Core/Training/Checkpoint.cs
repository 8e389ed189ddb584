using System.Text.Json.Serialization;
using Differential.Core.Files;

namespace Differential.Core.Training;

/// <summary>Where a training stands, in full: going on from it ends with the same bits as never having stopped.</summary>
internal sealed record Checkpoint
{
    /// <summary>Of the job that wrote it (<see cref="JobFingerprint"/>).</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The epoch to go on in, from 1; one beyond the last where all are done.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps of that epoch that are done. The order is the epoch's own stream of the seed.</summary>
    public required int Step { get; init; }

    /// <summary>Sum over the epoch's samples of the loss.</summary>
    public required double LossSum { get; init; }

    /// <summary>Samples in <see cref="LossSum"/>.</summary>
    public required long LossSamples { get; init; }

    /// <summary>Time of the epoch's steps so far.</summary>
    public required TimeSpan EpochTime { get; init; }

    /// <summary>Time of all steps so far.</summary>
    public required TimeSpan StepTime { get; init; }

    /// <summary>Samples of all steps so far.</summary>
    public required long StepSamples { get; init; }

    /// <summary>Time of the run so far.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Steps that the optimiser has taken.</summary>
    public required long OptimizerSteps { get; init; }

    /// <summary>Where it was written; null in checkpoints of 0.1.0.</summary>
    public TrainingOrigin? Origin { get; init; }

    /// <summary>The reports of the epochs that are done.</summary>
    public required IReadOnlyList<EpochReport> Reports { get; init; }

    /// <summary>What <see cref="TrainingState"/> keeps, by name.</summary>
    [JsonIgnore]
    public IReadOnlyList<NamedTensor> Tensors { get; init; } = [];
}
