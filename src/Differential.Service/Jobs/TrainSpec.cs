using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Batches;
using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;

namespace Differential.Service.Jobs;

[Description("Trains one network.")]
public sealed record TrainSpec : JobSpec
{
    [Description("The samples and their classes.")]
    public required DataOptions Data { get; init; }

    [Description("The network; cnn for images and linear for points by default.")]
    public ModelOptions? Model { get; init; }

    [Description("What the training minimises.")]
    public LossOptions Loss { get; init; } = new DifferentialOptions();

    [Description("How parameters are updated; sgd with learning rate 0.02 and momentum 0.9 by default.")]
    public OptimizerOptions Optimizer { get; init; } = TrainingDefaults.Optimizer;

    [Description("Passes over the training set.")]
    [Range(1, TrainingDefaults.MaxEpochs)]
    public int Epochs { get; init; } = TrainingDefaults.Epochs;

    [Description("Samples of a step.")]
    [Range(2, TrainingDefaults.MaxBatchSize)]
    public int BatchSize { get; init; } = TrainingDefaults.BatchSize;

    [Description("What a batch is made of. balanced: as many samples of each class; smaller classes are repeated until the largest has been gone through once. natural: the training set in a random order, each sample once an epoch; the losses of single samples take what comes, the differential loss takes no step on a batch of one class alone (of three classes or more a class that the batch lacks counts 0), and hkr has its hinge alone there; result.json counts such batches. proportional: the classes in the training set's proportion in each batch, at least one sample of each. normalizedGradient takes the whole set whatever is said here.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BatchRule Batches { get; init; }

    [Description("What a training step does with the outputs of layers that its gradient needs. kept: they stay in memory; recomputed: most are computed again (gradient checkpointing or remat elsewhere), which takes less memory and up to a third more time. The network is the same to the bit.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Activations Activations { get; init; }

    [Description("Where the decision threshold comes from. fitted: best on the training scores (default of the differential loss); zero: the network's own bias (of the others); validation: best on the scores of data.validation. An object says what it is best at, in place of the accuracy: the mean over the classes of their accuracies, or, of two classes, the positive samples found with at most this share of the negative ones; and on which samples, by default the held-out ones where there are any.")]
    public ThresholdChoice? Threshold { get; init; }

    [Description("Which epoch's network is kept: the last, or the best on data.validation at what the threshold is best at (the latest of several).")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public KeptEpoch Keep { get; init; }

    [Description("Attacks each batch before its gradient is taken; none by default.")]
    public AdversarialTrainingOptions? Adversarial { get; init; }

    [Description("Changes each training image at random; none by default.")]
    public AugmentationOptions? Augment { get; init; }

    [JsonIgnore]
    public override string Kind => "train";

    /// <summary>How the training is done.</summary>
    /// <param name="keepEpochs">Whether the parameters after each epoch are kept.</param>
    internal TrainingOptions ToTraining(bool keepEpochs = false) => new()
    {
        Loss = Loss,
        Optimizer = Optimizer,
        Epochs = Epochs,
        BatchSize = BatchSize,
        Seed = Seed,
        Batches = Batches,
        Activations = Activations,
        Threshold = Decided.Rule!.Value,
        ThresholdGoal = Decided.Goal == Core.Decisions.ThresholdGoal.Accuracy ? null : Decided.Goal,
        Keep = Keep,
        Adversarial = Adversarial,
        Augment = Augment,
        KeepEpochs = keepEpochs,
    };

    private ThresholdChoice Decided => (Threshold ?? Loss.DefaultThreshold).Resolve(Data.Validation is not null);

    public override JobSpec WithDefaults() => this with
    {
        Model = Model ?? TrainingDefaults.Model(Data),
        Threshold = Decided,
    };

    internal override DataOptions? Samples => Data;

    public override JobSpec MapPaths(Func<string, string, string> map) => this with { Data = Data.MapAllPaths(map) };

    internal override IEnumerable<string> PathFields => Data.AllPathFields.Select(name => $"data.{name}");

    public override void Check(InputMistakes mistakes)
    {
        Data.CheckAll(mistakes);
        HeldOutRules.Check(Data, Threshold, Keep, mistakes);
        if (Loss.Choices().Count > 1)
        {
            mistakes.Add("$.loss", $"lists of {Loss.Choices().Count} settings", "numbers; lists in compare jobs with select");
        }

        TrainingRules.Check(this, "$", "$.loss", "$.batchSize", mistakes);
    }
}
