using System.Text.Json.Serialization;

namespace Differential.Core.Training;

/// <summary>A finished training. Accuracies, margin and scores are over all samples of each set.</summary>
public sealed record TrainingResult
{
    /// <summary>Mean loss of the last epoch.</summary>
    public required double Loss { get; init; }

    /// <summary>Share of training samples on the right side of the threshold.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Share of test samples on the right side of the threshold.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Share of the held-out samples on the right side of the threshold; null where there are none.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>[samples, scores] of the held-out samples, before the thresholds; empty where there are none.</summary>
    public IReadOnlyList<float> ValidationScores { get; init; } = [];

    /// <summary>The epoch whose network was kept, from 1.</summary>
    public int KeptEpoch { get; init; }

    /// <summary>Batches, all epochs together, that had no pair of opposite classes, and that a loss of pairs took no step on.</summary>
    public long SkippedBatches { get; init; }

    /// <summary>Smallest y·(score − threshold), of three classes or more smallest margin of a class over another, of the training set.</summary>
    public required double ScoreMargin { get; init; }

    /// <summary>The network's threshold, set by the rule of the options.</summary>
    public required float Threshold { get; init; }

    /// <summary>One for each class of three or more; null for two, whose threshold is <see cref="Threshold"/>, which is 0 here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<float>? Thresholds { get; init; }

    /// <summary>Training samples per second of all steps, evaluation left out.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Time of the run, interruptions left out.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>A report for each epoch.</summary>
    public required IReadOnlyList<EpochReport> Epochs { get; init; }

    /// <summary>[samples, scores] of the training set, before the thresholds.</summary>
    public required IReadOnlyList<float> TrainScores { get; init; }

    /// <summary>[samples, scores] of the test set, before the thresholds.</summary>
    public required IReadOnlyList<float> TestScores { get; init; }

    /// <summary>
    /// The parameters after each epoch where <see cref="TrainingOptions.KeepEpochs"/>. Of an epoch before an interruption
    /// only where the checkpoint's folder still has them.
    /// </summary>
    public IReadOnlyList<EpochSnapshot> Snapshots { get; init; } = [];
}

/// <summary>The parameters and the layers' state after an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Parameters">As <see cref="Networks.Network.ParameterValues"/>.</param>
public sealed record EpochSnapshot(int Epoch, IReadOnlyList<float> Parameters)
{
    /// <summary>As <see cref="Networks.Network.StateValues"/>; empty where no layer has any.</summary>
    public IReadOnlyList<float> State { get; init; } = [];
}
