using System.Text.Json.Serialization;
using Differential.Core.Batches;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;

namespace Differential.Core.Training;

/// <summary>How a network is trained.</summary>
public sealed record TrainingOptions
{
    public required LossOptions Loss { get; init; }

    public required OptimizerOptions Optimizer { get; init; }

    /// <summary>Times that the training set is gone through, at least 1; steps of a full-batch optimiser.</summary>
    public int Epochs { get; init; } = 15;

    /// <summary>Samples of a batch, all classes together, at least as many as classes; a full-batch optimiser ignores it.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>What a batch is made of; a full-batch optimiser ignores it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BatchRule Batches { get; init; }

    /// <summary>Whether a step keeps what its gradient needs, or computes it again. The bits are the same, so that a training may go on under either.</summary>
    [JsonIgnore]
    public Activations Activations { get; init; }

    /// <summary>Decides initialisation and order.</summary>
    public long Seed { get; init; } = 1;

    public ThresholdRule Threshold { get; init; }

    /// <summary>What fitted thresholds are best at; null for the fewest errors.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ThresholdGoal? ThresholdGoal { get; init; }

    /// <summary>Which epoch's network is kept. The best one needs held-out samples.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public KeptEpoch Keep { get; init; }

    /// <summary>Attacks each batch before its gradient is taken; null for none. Not with a full-batch optimiser.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AdversarialTrainingOptions? Adversarial { get; init; }

    /// <summary>Changes each training image at random; null for none. Images alone; not with a full-batch optimiser.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AugmentationOptions? Augment { get; init; }

    /// <summary>
    /// Samples of the training set, and of the test set, at most, that the reports of all epochs but the last are taken
    /// over: the first of a seeded order. The last report and the result are over all samples.
    /// </summary>
    public int EvaluationLimit { get; init; } = 2_000;

    /// <summary>Keeps the parameters after each epoch, for comparisons at equal accuracy.</summary>
    [JsonIgnore]
    public bool KeepEpochs { get; init; }

    /// <summary>
    /// A checkpoint is written after each epoch, unless the latest is younger than this: epochs may be as short as a
    /// millisecond. The last epoch and an interruption always write one.
    /// </summary>
    [JsonIgnore]
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <exception cref="ArgumentException">A value is out of its range, or options that do not go together.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Loss);
        ArgumentNullException.ThrowIfNull(Optimizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(EvaluationLimit, 2);
        if (Adversarial is { Warmup: not (>= 0 and < double.PositiveInfinity) } adversarial)
        {
            throw new ArgumentException($"a warm-up of {adversarial.Warmup} epochs; allowed: 0 or more");
        }

        if (Optimizer is NormalizedGradientOptions && (Adversarial is not null || Augment is not null))
        {
            throw new ArgumentException("adversarial training and augmentation work on batches; the normalized gradient takes the whole training set");
        }
    }
}

/// <summary>Which epoch's network a training ends with.</summary>
public enum KeptEpoch
{
    /// <summary>The last one.</summary>
    Last,

    /// <summary>
    /// The one that does best on the held-out samples, with its own thresholds, at what thresholds are fitted for (accuracy, unless they are
    /// fitted for something else); the latest of several.
    /// </summary>
    Best,
}
