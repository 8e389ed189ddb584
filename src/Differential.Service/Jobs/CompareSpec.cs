using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Layers;
using Differential.Core.Losses;
using Differential.Core.Optimizers;

namespace Differential.Service.Jobs;

[Description("Trains one network for each loss, all with a fitted threshold, and attacks them alike.")]
public sealed record CompareSpec : JobSpec
{
    [Description("The two classes of samples.")]
    public required DataOptions Data { get; init; }

    [Description("The network; cnn for images and linear for points by default.")]
    public ModelOptions? Model { get; init; }

    [Description("How parameters are updated; sgd with learning rate 0.02 and momentum 0.9 by default.")]
    public OptimizerOptions Optimizer { get; init; } = TrainingDefaults.Optimizer;

    [Description("Passes over the training set.")]
    [Range(1, TrainingDefaults.MaxEpochs)]
    public int Epochs { get; init; } = TrainingDefaults.Epochs;

    [Description("Samples of a step.")]
    [Range(2, TrainingDefaults.MaxBatchSize)]
    public int BatchSize { get; init; } = TrainingDefaults.BatchSize;

    [Description("The losses that are compared, each different.")]
    [MinLength(1)]
    [MaxLength(32)]
    public IReadOnlyList<LossOptions> Losses { get; init; } = [new CrossEntropyOptions(), new DifferentialOptions()];

    [Description("The attacks, in this order.")]
    [MinLength(1)]
    [MaxLength(100)]
    public required IReadOnlyList<AttackOptions> Attacks { get; init; }

    [Description("The attacked samples: \"train\", \"test\" or a list of both (default).")]
    public SplitSelection Split { get; init; } = SplitSelection.Both;

    [Description("At most so many correctly classified samples of each split are attacked; all by default.")]
    [Range(1, int.MaxValue)]
    public int? Limit { get; init; }

    [JsonIgnore]
    public override string Kind => "compare";

    public override JobSpec WithDefaults() => this with { Model = Model ?? TrainingDefaults.Model(Data) };

    public override JobSpec MapPaths(Func<string, string, string> map) => this with { Data = DataPaths.Map(Data, map) };

    /// <summary>The training of one of the losses, as a train job would do it.</summary>
    public TrainSpec Training(int loss) => new()
    {
        Name = LossNames()[loss],
        Seed = Seed,
        Device = Device,
        Data = Data,
        Model = Model,
        Loss = Losses[loss],
        Optimizer = Optimizer,
        Epochs = Epochs,
        BatchSize = BatchSize,
        Threshold = ThresholdRule.Fitted,
    };

    /// <summary>A name for each loss: its kind, with a number behind it where a kind comes more than once.</summary>
    public IReadOnlyList<string> LossNames()
    {
        var names = new string[Losses.Count];
        for (int i = 0; i < names.Length; i++)
        {
            string kind = Losses[i].Name;
            int earlier = Losses.Take(i).Count(l => l.Name == kind);
            names[i] = Losses.Count(l => l.Name == kind) == 1 ? kind : $"{kind}-{earlier + 1}";
        }

        return names;
    }
}
