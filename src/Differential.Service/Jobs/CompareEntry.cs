using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Batches;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;

namespace Differential.Service.Jobs;

[Description("One network of a comparison; what is left out is as in the job.")]
public sealed record CompareEntry
{
    [Description("Its name in the results, and its folder's.")]
    [MinLength(1)]
    [MaxLength(60)]
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]*", ErrorMessage = "letters, digits, '.', '_' and '-', the first one a letter or a digit")]
    public required string Name { get; init; }

    [Description("The network.")]
    public ModelOptions? Model { get; init; }

    [Description("What the training minimises.")]
    public LossOptions Loss { get; init; } = new DifferentialOptions();

    [Description("How parameters are updated.")]
    public OptimizerOptions? Optimizer { get; init; }

    [Description("Passes over the training set.")]
    [Range(1, TrainingDefaults.MaxEpochs)]
    public int? Epochs { get; init; }

    [Description("Samples of a step.")]
    [Range(2, TrainingDefaults.MaxBatchSize)]
    public int? BatchSize { get; init; }

    [Description("What a batch is made of.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BatchRule? Batches { get; init; }

    [Description("Attacks each batch before its gradient is taken; none by default.")]
    public AdversarialTrainingOptions? Adversarial { get; init; }

    [Description("Changes each training image at random; none by default.")]
    public AugmentationOptions? Augment { get; init; }
}

/// <summary>One training of a comparison.</summary>
/// <param name="Name">The entry's, or the loss's.</param>
/// <param name="Seed">The training's.</param>
/// <param name="Label">Name and, where there are several, seed: of the folder, the metrics and the samples' rows.</param>
/// <param name="Training">The training, as a train job would do it.</param>
/// <param name="Place">The entry's in the job file.</param>
public sealed record CompareRun(string Name, long Seed, string Label, TrainSpec Training, string Place);
