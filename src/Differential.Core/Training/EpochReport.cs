using System.Text.Json.Serialization;

namespace Differential.Core.Training;

/// <summary>
/// What is known after an epoch. Accuracies, margin and threshold are over at most
/// <see cref="TrainingOptions.EvaluationLimit"/> samples of each set, after the last epoch over all. A fitted threshold is
/// fitted anew at each epoch, on the training samples evaluated.
/// </summary>
public sealed record EpochReport
{
    /// <summary>From 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs of the run.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps taken since the start of the run.</summary>
    public required long Step { get; init; }

    /// <summary>Mean over the epoch's samples of the loss before each step.</summary>
    public required double Loss { get; init; }

    /// <summary>Share of training samples on the right side of the threshold.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Share of test samples on the right side of the threshold.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Share of the held-out samples, all of them, on the right side of the threshold; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ValidationAccuracy { get; init; }

    /// <summary>How good the network is on the held-out samples at what thresholds are fitted for; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ValidationFigure { get; init; }

    /// <summary>Batches of the epoch that had no pair of opposite classes, and that a loss of pairs took no step on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SkippedBatches { get; init; }

    /// <summary>Smallest y·(score − threshold), of three classes or more smallest margin of a class over another, of the training samples; negative where one is misclassified.</summary>
    public required double ScoreMargin { get; init; }

    public required float Threshold { get; init; }

    /// <summary>One for each class of three or more; null for two, whose threshold is <see cref="Threshold"/>, which is 0 here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<float>? Thresholds { get; init; }

    /// <summary>Training samples per second of the epoch's steps, evaluation left out.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>η of the epoch's last step.</summary>
    public required float LearningRate { get; init; }

    /// <summary>Time since the start of the run, interruptions left out.</summary>
    public required TimeSpan Elapsed { get; init; }
}
