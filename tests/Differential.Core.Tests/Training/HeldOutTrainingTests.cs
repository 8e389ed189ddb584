using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Losses;

namespace Differential.Core.Tests.Training;

/// <summary>Uneven batches, held-out samples, thresholds and epochs that they choose.</summary>
public class HeldOutTrainingTests
{
    private static readonly DataSplits Splits = Held(new ShapesOptions { Count = 240, Size = 8, Noise = 0.4, Validation = new(0.25), Imbalance = 10 });

    private static readonly TrainingOptions Options = ToyTraining.Options with { Batches = BatchRule.Natural, BatchSize = 8, Epochs = 6, Keep = KeptEpoch.Best, Threshold = ThresholdRule.Validation };

    public static TheoryData<TrainingOptions> All =>
    [
        Options,
        Options with { Batches = BatchRule.Proportional, ThresholdGoal = ThresholdGoal.BalancedAccuracy },
        Options with { Loss = new CrossEntropyOptions { ClassWeights = ClassWeights.Equal }, ThresholdGoal = ThresholdGoal.AtFalsePositiveRate(0.2) },
        Options with { Loss = new HkrOptions { Weight = 5 }, Optimizer = new AdamOptions { LearningRate = 0.003, Schedule = Schedule.Cosine } },
        Options with { Loss = new DifferentialOptions { Surrogate = Surrogate.Hinge }, Keep = KeptEpoch.Last, Threshold = ThresholdRule.Fitted, ThresholdGoal = ThresholdGoal.BalancedAccuracy },
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void Run_StoppedAtEveryPlace_EndsWithTheSameBits(TrainingOptions options)
    {
        (TrainingResult, float[]) whole = Train(Splits, options);
        using var folder = new TemporaryFolder();
        (TrainingResult, float[])? parts = null;
        for (int stops = 0; parts is null && stops < 100; stops++)
        {
            using var observer = new RecordingObserver(cancelAfter: 5);
            try
            {
                parts = ToyTraining.Run(Splits, options, observer, new CheckpointStore(folder.Root));
            }
            catch (OperationCanceledException)
            {
                // Goes on from the checkpoint.
            }
        }

        ToyTraining.AssertSame(whole, parts!.Value);
        Assert.Equal(whole.Item1.ValidationScores, parts.Value.Item1.ValidationScores);
        Assert.Equal((whole.Item1.KeptEpoch, whole.Item1.SkippedBatches), (parts.Value.Item1.KeptEpoch, parts.Value.Item1.SkippedBatches));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Run_KeepBest_IsTheLatestOfTheBestEpochs(TrainingOptions options)
    {
        TrainingResult result = Train(Splits, options).Result;
        int best = result.Epochs.OrderBy(static report => (report.ValidationFigure, report.Epoch)).Last().Epoch;
        Assert.Equal(options.Keep == KeptEpoch.Best ? best : options.Epochs, result.KeptEpoch);
        var decision = Decision.By([result.Threshold]);
        Assert.Equal(result.ValidationAccuracy, decision.Accuracy([.. result.ValidationScores], [.. Splits.Validation!.Labels]));
        Assert.Equal(result.TestAccuracy, decision.Accuracy([.. result.TestScores], [.. Splits.Test.Labels]));
        Assert.Equal(result.Epochs[result.KeptEpoch - 1].TestAccuracy, result.TestAccuracy);
        float[] fittedOn = options.Threshold == ThresholdRule.Validation ? [.. result.ValidationScores] : [.. result.TrainScores];
        sbyte[] labels = [.. options.Threshold == ThresholdRule.Validation ? Splits.Validation.Labels : Splits.Train.Labels];
        Assert.Equal(Decision.Fitted(fittedOn, labels, options.ThresholdGoal).Thresholds[0], result.Threshold);
    }

    [Fact]
    public void Run_NaturalBatchesOfOneClass_ThePairLossSkipsAndCounts()
    {
        TrainingResult pairs = Train(Splits, Options).Result;
        TrainingResult points = Train(Splits, Options with { Loss = new CrossEntropyOptions() }).Result;
        var order = BatchOrder.Create(BatchRule.Natural, Splits.Train.Labels, Options.BatchSize, Options.Seed);
        int expected = 0;
        for (int epoch = 1; epoch <= Options.Epochs; epoch++)
        {
            order.Begin(epoch);
            expected += Enumerable.Range(0, order.Steps).Count(order.IsOfOneClass);
        }

        Assert.InRange(expected, 1, (order.Steps * Options.Epochs) - 1);
        Assert.Equal(expected, pairs.SkippedBatches);
        Assert.Equal((order.Steps * Options.Epochs) - expected, pairs.Epochs[^1].Step);
        Assert.Equal(0, points.SkippedBatches);
        Assert.Equal(order.Steps * Options.Epochs, points.Epochs[^1].Step);
    }

    [Fact]
    public void Run_HeldOutSamplesWithoutUse_ChangeNoBit()
    {
        TrainingOptions plain = ToyTraining.Options;
        (TrainingResult, float[]) without = Train(Splits with { Validation = null }, plain);
        (TrainingResult, float[]) with = Train(Splits, plain);
        Assert.Equal(without.Item2, with.Item2);
        Assert.Equal(without.Item1.TestScores, with.Item1.TestScores);
    }

    [Fact]
    public void Run_ChosenByHeldOutSamplesWithoutAny_Throws()
    {
        DataSplits none = Splits with { Validation = null };
        Assert.Throws<ArgumentException>(() => Train(none, Options with { Threshold = ThresholdRule.Fitted }));
        Assert.Throws<ArgumentException>(() => Train(none, Options with { Keep = KeptEpoch.Last }));
    }

    private static (TrainingResult Result, float[] Parameters) Train(DataSplits splits, TrainingOptions options)
    {
        using var observer = new RecordingObserver();
        return ToyTraining.Run(splits, options, observer);
    }

    private static DataSplits Held(DataOptions data) => data.LoadAll(new PathPolicy("/"), 1);
}
