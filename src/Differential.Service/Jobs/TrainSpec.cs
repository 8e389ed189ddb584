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

    [Description("Where the decision threshold comes from: fitted on the training scores (default of the differential loss) or zero (of the others).")]
    public ThresholdRule? Threshold { get; init; }

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
        Threshold = Threshold ?? Loss.DefaultThreshold,
        Adversarial = Adversarial,
        Augment = Augment,
        KeepEpochs = keepEpochs,
    };

    public override JobSpec WithDefaults() => this with
    {
        Model = Model ?? TrainingDefaults.Model(Data),
        Threshold = Threshold ?? Loss.DefaultThreshold,
    };

    public override JobSpec MapPaths(Func<string, string, string> map) => this with { Data = Data.MapPaths(map) };

    internal override IEnumerable<string> PathFields => Data.PathFields.Select(name => $"data.{name}");

    public override void Check(InputMistakes mistakes)
    {
        Data.Check(mistakes);
        TrainingRules.Check(this, "$", "$.loss", "$.batchSize", mistakes);
    }
}
