using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Losses;

namespace Differential.Core.Tests.Training;

public class TrainerTests
{
    public static TheoryData<LossOptions, OptimizerOptions> Recipes => new()
    {
        { new DifferentialOptions(), new SgdOptions { LearningRate = 0.1, Momentum = 0.9 } },
        { new DifferentialOptions { Pairs = PairSelection.Matched }, new SgdOptions { LearningRate = 0.1, Momentum = 0.9, Nesterov = true } },
        { new DifferentialOptions { Surrogate = Surrogate.Squared }, new SgdOptions { LearningRate = 0.02 } },
        { new DifferentialOptions { Surrogate = Surrogate.Hinge }, new AdamOptions { LearningRate = 0.01 } },
        { new DifferentialOptions { Surrogate = Surrogate.Exponential }, new AdamOptions { LearningRate = 0.01, Schedule = Schedule.Cosine } },
        { new CrossEntropyOptions(), new SgdOptions { LearningRate = 0.1, Momentum = 0.9 } },
        { new SquaredErrorOptions(), new AdamOptions { LearningRate = 0.01 } },
        { new HingeOptions(), new SgdOptions { LearningRate = 0.1 } },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Run_EachLossOnSeparableImages_LowersLossAndSeparates(LossOptions loss, OptimizerOptions optimizer)
    {
        using var observer = new RecordingObserver();
        TrainingOptions options = ToyTraining.Options with { Loss = loss, Optimizer = optimizer, Epochs = 20 };
        (TrainingResult result, _) = ToyTraining.Run(ToyData.Images(), options, observer);
        Assert.Equal(20, observer.Epochs.Count);
        Assert.True(result.Loss < 0.3 * observer.Epochs[0].Loss, $"{observer.Epochs[0].Loss} to {result.Loss}");
        Assert.Equal(1.0, result.TrainAccuracy);
        Assert.True(result.TestAccuracy > 0.95, $"{result.TestAccuracy}");
        Assert.True(result.ScoreMargin > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(-1)]
    public void Run_NormalizedGradient_TakesOneStepAnEpochAndSeparates(double momentum)
    {
        using var observer = new RecordingObserver();
        NormalizedMomentum kind = momentum < 0 ? NormalizedMomentum.Nesterov : new NormalizedMomentum(momentum, false);
        TrainingOptions options = ToyTraining.Options with
        {
            Optimizer = new NormalizedGradientOptions { LearningRate = 0.1, Momentum = kind },
            Epochs = 100,
        };
        (TrainingResult result, _) = ToyTraining.Run(ToyData.Points(20), options, observer);
        Assert.Equal(100, result.Epochs[^1].Step);
        Assert.True(result.Loss < 0.1 * observer.Epochs[0].Loss);
        Assert.Equal(1.0, result.TrainAccuracy);
    }

    [Fact]
    public void Run_OneAndTwoThreads_SameBits()
    {
        DataSplits splits = ToyData.Images(37, 50);
        using var first = new RecordingObserver();
        using var second = new RecordingObserver();
        ToyTraining.AssertSame(
            ToyTraining.Run(splits, ToyTraining.Options, first, threads: 1),
            ToyTraining.Run(splits, ToyTraining.Options, second, threads: 2));
    }

    [Fact]
    public void Run_AnotherSeed_OtherParameters()
    {
        DataSplits splits = ToyData.Images();
        using var first = new RecordingObserver();
        using var second = new RecordingObserver();
        (_, float[] a) = ToyTraining.Run(splits, ToyTraining.Options with { Epochs = 1 }, first);
        (_, float[] b) = ToyTraining.Run(splits, ToyTraining.Options with { Epochs = 1, Seed = 2 }, second);
        Assert.NotEqual(a, b);
    }

    [Theory]
    [InlineData(ThresholdRule.Zero)]
    [InlineData(ThresholdRule.Fitted)]
    public void Run_ThresholdRule_DecidesReportedThreshold(ThresholdRule rule)
    {
        DataSplits splits = ToyData.Images();
        using var observer = new RecordingObserver();
        (TrainingResult result, _) = ToyTraining.Run(splits, ToyTraining.Options with { Threshold = rule }, observer);
        float lowestPositive = result.TrainScores.Take(40).Min();
        float highestNegative = result.TrainScores.Skip(40).Max();
        Assert.True(highestNegative < lowestPositive);
        float expected = rule == ThresholdRule.Zero ? 0f : (float)(((double)lowestPositive + highestNegative) / 2);
        Assert.Equal(expected, result.Threshold, 1e-6f);
        Assert.Equal(Math.Min(lowestPositive - (double)result.Threshold, result.Threshold - (double)highestNegative), result.ScoreMargin, 1e-9);
    }

    [Fact]
    public void Run_EvaluationLimit_LastReportIsOverAllSamples()
    {
        DataSplits splits = ToyData.Images();
        using var limited = new RecordingObserver();
        using var whole = new RecordingObserver();
        (TrainingResult a, float[] parameters) = ToyTraining.Run(splits, ToyTraining.Options with { EvaluationLimit = 10 }, limited);
        (TrainingResult b, float[] same) = ToyTraining.Run(splits, ToyTraining.Options, whole);
        Assert.Equal(same, parameters);
        Assert.Equal(b.ScoreMargin, a.ScoreMargin);
        Assert.Equal(a.Epochs[^1].ScoreMargin, a.ScoreMargin);
        Assert.Equal(80, a.TrainScores.Count);
        Assert.All(limited.Epochs.SkipLast(1), report => Assert.Equal(0, report.TrainAccuracy * 10 % 1, 1e-9));
        Assert.NotEqual(whole.Epochs[0].ScoreMargin, limited.Epochs[0].ScoreMargin);
    }

    [Fact]
    public void Run_LossOverflows_StopsAndNamesTheStep()
    {
        using var observer = new RecordingObserver();
        TrainingOptions options = ToyTraining.Options with
        {
            Loss = new SquaredErrorOptions(),
            Optimizer = new SgdOptions { LearningRate = 1e6 },
        };
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => ToyTraining.Run(ToyData.Images(), options, observer));
        Assert.Equal(1, error.Epoch);
        Assert.Equal(observer.Steps + 1, error.Step);
        Assert.Contains($"epoch 1, step {error.Step}: the loss is", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_AfterTheFirstStep_AllocatesNothingPerStep()
    {
        var observer = new AllocationObserver();
        DataSplits splits = ToyData.Images(200, 200);
        using var device = new Kernels.Devices.SimdDevice(threads: 1);
        using Core.Networks.Network network = ToyTraining.CreateNetwork(device, splits);
        _ = Trainer.Run(network, splits, ToyTraining.Options with { Epochs = 1, BatchSize = 8 }, null, observer, CancellationToken.None);
        Assert.Equal(50, observer.Marks.Count);
        Assert.InRange((observer.Marks[^1] - observer.Marks[10]) / 39, 0, 64);
    }

    private sealed class AllocationObserver : ITrainingObserver
    {
        public List<long> Marks { get; } = new(1_000);

        public void StepDone(StepReport report) => Marks.Add(GC.GetAllocatedBytesForCurrentThread());

        public void EpochDone(EpochReport report)
        {
        }
    }
}
