
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;

namespace Differential.Core.Tests.Training;

public sealed class ResumeTests : IDisposable
{
    private const int StepsPerEpoch = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly DataSplits _splits = ToyData.Images(40, 33);

    /// <summary>Steps after which the run is interrupted, each counted from the interruption before.</summary>
    public static TheoryData<int[], OptimizerOptions> Interruptions => new()
    {
        { [1], new SgdOptions { LearningRate = 0.1, Momentum = 0.9 } },
        { [7], new SgdOptions { LearningRate = 0.1, Momentum = 0.9 } },
        { [StepsPerEpoch], new SgdOptions { LearningRate = 0.1, Momentum = 0.9, Schedule = Schedule.Cosine } },
        { [3, 1], new AdamOptions { LearningRate = 0.01 } },
        { [6, 9], new AdamOptions { LearningRate = 0.01, Schedule = Schedule.Cosine } },
        { [4, 8, 2, 3], new SgdOptions { LearningRate = 0.1, Nesterov = true, Momentum = 0.5 } },
        { [2], new NormalizedGradientOptions { Momentum = NormalizedMomentum.Nesterov } },
    };

    [Theory]
    [MemberData(nameof(Interruptions))]
    public void Run_InterruptedAndResumed_EndsWithTheSameBits(int[] interruptions, OptimizerOptions optimizer)
    {
        TrainingOptions options = ToyTraining.Options with { Optimizer = optimizer, KeepEpochs = true };
        using var straight = new RecordingObserver();
        (TrainingResult Result, float[] Parameters) expected = ToyTraining.Run(_splits, options, straight);
        foreach (int steps in interruptions)
        {
            using var interrupted = new RecordingObserver(steps);
            Assert.ThrowsAny<OperationCanceledException>(() => ToyTraining.Run(_splits, options, interrupted, Store()));
            Assert.Equal(steps, interrupted.Steps);
        }

        using var resumed = new RecordingObserver();
        (TrainingResult Result, float[] Parameters) actual = ToyTraining.Run(_splits, options, resumed, Store());
        Assert.NotNull(resumed.ResumedAt);
        Assert.Equal(straight.Steps - interruptions.Sum(), resumed.Steps);
        ToyTraining.AssertSame(expected, actual);
        Assert.Equal(expected.Result.Snapshots.Count, actual.Result.Snapshots.Count);
        Assert.All(expected.Result.Snapshots.Zip(actual.Result.Snapshots), pair => Assert.Equal(pair.First.Parameters, pair.Second.Parameters));
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(5, 9)]
    public void Run_LayersHeldAtNormOneInterruptedAndResumed_EndsWithTheSameBits(params int[] interruptions)
    {
        LayerOptions[] layers =
        [
            new ConvOptions { Filters = 4, Size = 4, Stride = 2, Padding = 1, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(),
            new DenseOptions { Units = 6, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true },
        ];
        TrainingOptions options = ToyTraining.Options with { Loss = new DifferentialOptions { Temperature = 8 }, Optimizer = new AdamOptions { LearningRate = 0.01 } };
        using var straight = new RecordingObserver();
        (TrainingResult Result, float[] Parameters) expected = ToyTraining.Run(_splits, options, straight, threads: 2, layers: layers);
        foreach (int steps in interruptions)
        {
            using var interrupted = new RecordingObserver(steps);
            Assert.ThrowsAny<OperationCanceledException>(() => ToyTraining.Run(_splits, options, interrupted, Store(), layers: layers));
        }

        using var resumed = new RecordingObserver();
        ToyTraining.AssertSame(expected, ToyTraining.Run(_splits, options, resumed, Store(), layers: layers));
        Assert.NotNull(resumed.ResumedAt);
        using var again = new RecordingObserver();
        ToyTraining.AssertSame(expected, ToyTraining.Run(_splits, options, again, Store(), layers: layers));
        Assert.True(expected.Result.TrainAccuracy > 0.9);
    }

    public static TheoryData<AdversarialTrainingOptions?> ResidualTrainings => [null, new PgdTrainingOptions { Epsilon = 0.3, Steps = 2 }, new TradesOptions { Epsilon = 0.3, Steps = 2 }];

    [Theory]
    [MemberData(nameof(ResidualTrainings))]
    public void Run_RunningStatisticsAndDropoutInterruptedAndResumed_EndsWithTheSameBits(AdversarialTrainingOptions? adversarial)
    {
        LayerOptions[] layers =
        [
            new ConvOptions { Filters = 4, Padding = 1, Bias = false }, new BatchNormOptions(), new ReluOptions(),
            new ResidualOptions { Layers = [new ConvOptions { Filters = 4, Padding = 1 }, new BatchNormOptions(), new ReluOptions(), new DropoutOptions { Rate = 0.2 }] },
            new GlobalAveragePoolOptions(), new DropoutOptions { Rate = 0.1 }, new DenseOptions { Units = 6 }, new BatchNormOptions { Momentum = 0.3 }, new ReluOptions(), new DenseOptions { Units = 1 },
        ];
        TrainingOptions options = ToyTraining.Options with { Adversarial = adversarial, KeepEpochs = true };
        using var straight = new RecordingObserver();
        (TrainingResult Result, float[] Parameters) expected = ToyTraining.Run(_splits, options, straight, threads: 3, layers: layers);
        foreach (int steps in (int[])[3, 9])
        {
            using var interrupted = new RecordingObserver(steps);
            Assert.ThrowsAny<OperationCanceledException>(() => ToyTraining.Run(_splits, options, interrupted, Store(), threads: 2, layers: layers));
        }

        using var resumed = new RecordingObserver();
        (TrainingResult Result, float[] Parameters) actual = ToyTraining.Run(_splits, options, resumed, Store(), layers: layers);
        ToyTraining.AssertSame(expected, actual);
        Assert.Equal(4, actual.Result.Snapshots.Count);
        Assert.All(expected.Result.Snapshots.Zip(actual.Result.Snapshots), pair => Assert.Equal(pair.First.Parameters.Concat(pair.First.State), pair.Second.Parameters.Concat(pair.Second.State)));
        Assert.Equal((4 * 4) + (2 * 6), actual.Result.Snapshots[0].State.Count);
        using var other = new RecordingObserver();
        Assert.NotEqual(expected.Parameters, ToyTraining.Run(_splits, options with { Seed = 2 }, other, layers: layers).Parameters);
    }

    [Fact]
    public void Run_FullBatchOptimizerOnLayersThatWorkOnBatches_IsRefused()
    {
        using var observer = new RecordingObserver();
        ArgumentException error = Assert.Throws<ArgumentException>(() => ToyTraining.Run(
            _splits, ToyTraining.Options with { Optimizer = new NormalizedGradientOptions() }, observer, layers: [new BatchNormOptions(), new DenseOptions { Units = 1 }]));
        Assert.StartsWith("layers[0] works on batches", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<AdversarialTrainingOptions?, AugmentationOptions?> RandomBatches => new()
    {
        { new PgdTrainingOptions { Epsilon = 0.3, Steps = 2 }, null },
        { new PgdTrainingOptions { Norm = AttackNorm.Linf, Epsilon = 0.05, Steps = 2, StepSize = 0.04 }, new AugmentationOptions { Flip = true } },
        { new TradesOptions { Epsilon = 0.3, Steps = 2 }, null },
        { new PgdTrainingOptions { Epsilon = 0.3, Steps = 2, Warmup = 2 }, null },
        { new TradesOptions { Epsilon = 0.3, Steps = 2, Warmup = 1.7 }, new AugmentationOptions { Flip = true } },
        { null, new AugmentationOptions { Flip = true, Crop = 1 } },
    };

    [Theory]
    [MemberData(nameof(RandomBatches))]
    public void Run_AttackedOrChangedBatchesInterruptedAndResumed_EndsWithTheSameBits(AdversarialTrainingOptions? adversarial, AugmentationOptions? augment)
    {
        TrainingOptions options = ToyTraining.Options with { Adversarial = adversarial, Augment = augment };
        using var straight = new RecordingObserver();
        (TrainingResult Result, float[] Parameters) expected = ToyTraining.Run(_splits, options, straight, threads: 2);
        using var interrupted = new RecordingObserver(7);
        Assert.ThrowsAny<OperationCanceledException>(() => ToyTraining.Run(_splits, options, interrupted, Store()));
        using var resumed = new RecordingObserver();
        ToyTraining.AssertSame(expected, ToyTraining.Run(_splits, options, resumed, Store()));
        Assert.True(expected.Result.TrainAccuracy > 0.9);
        using var plain = new RecordingObserver();
        Assert.NotEqual(expected.Parameters, ToyTraining.Run(_splits, ToyTraining.Options, plain).Parameters);
    }

    [Fact]
    public void Run_OnTheCheckpointOfAFinishedRun_TakesNoStepAndGivesItsResult()
    {
        using var first = new RecordingObserver();
        (TrainingResult Result, float[] Parameters) expected = ToyTraining.Run(_splits, ToyTraining.Options, first, Store());
        using var second = new RecordingObserver();
        ToyTraining.AssertSame(expected, ToyTraining.Run(_splits, ToyTraining.Options, second, Store()));
        Assert.Equal(0, second.Steps);
        Assert.Equal((4, StepsPerEpoch, 4), second.ResumedAt);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("bit")]
    [InlineData("empty")]
    public void Run_NewestCheckpointBroken_GoesOnFromTheOneBefore(string damage)
    {
        using var straight = new RecordingObserver();
        (TrainingResult Result, float[] Parameters) expected = ToyTraining.Run(_splits, ToyTraining.Options, straight);
        Interrupt(12);
        string newest = Checkpoints().MaxBy(File.GetLastWriteTimeUtc)!;
        Damage(newest, damage);
        using var resumed = new RecordingObserver();
        ToyTraining.AssertSame(expected, ToyTraining.Run(_splits, ToyTraining.Options, resumed, Store()));
        Assert.Equal([Path.GetFileName(newest)], resumed.Ignored);
        Assert.Equal((3, 0, 2), resumed.ResumedAt);
    }

    [Fact]
    public void Run_BothCheckpointsBroken_StartsFromTheBeginning()
    {
        using var straight = new RecordingObserver();
        (TrainingResult Result, float[] Parameters) expected = ToyTraining.Run(_splits, ToyTraining.Options, straight);
        Interrupt(12);
        Assert.All(Checkpoints(), path => Damage(path, "bit"));
        using var resumed = new RecordingObserver();
        ToyTraining.AssertSame(expected, ToyTraining.Run(_splits, ToyTraining.Options, resumed, Store()));
        Assert.Equal(2, resumed.Ignored.Count);
        Assert.Null(resumed.ResumedAt);
    }

    public static TheoryData<TrainingOptions> OtherJobs =>
    [
        ToyTraining.Options with { Seed = 2 },
        ToyTraining.Options with { Epochs = 5 },
        ToyTraining.Options with { BatchSize = 8 },
        ToyTraining.Options with { Loss = new CrossEntropyOptions() },
        ToyTraining.Options with { Optimizer = new SgdOptions { LearningRate = 0.2, Momentum = 0.9 } },
    ];

    [Theory]
    [MemberData(nameof(OtherJobs))]
    public void Run_CheckpointOfAnotherJob_IsRefusedUnlessAskedToStartAfresh(TrainingOptions other)
    {
        Interrupt(7);
        using var refused = new RecordingObserver();
        Assert.Throws<CheckpointMismatchException>(() => ToyTraining.Run(_splits, other, refused, Store()));
        Assert.Equal(0, refused.Steps);
        using var straight = new RecordingObserver();
        using var afresh = new RecordingObserver();
        ToyTraining.AssertSame(
            ToyTraining.Run(_splits, other, straight),
            ToyTraining.Run(_splits, other, afresh, new CheckpointStore(_folder.Root, startAfresh: true)));
    }

    [Fact]
    public void Run_CheckpointOfOtherData_IsRefused()
    {
        Interrupt(7);
        using var observer = new RecordingObserver();
        Assert.Throws<CheckpointMismatchException>(() => ToyTraining.Run(ToyData.Images(40, 33, seed: 6), ToyTraining.Options, observer, Store()));
    }

    [Fact]
    public void Run_Diverges_KeepsTheCheckpointBefore()
    {
        TrainingOptions options = ToyTraining.Options with { Loss = new SquaredErrorOptions(), Optimizer = new SgdOptions { LearningRate = 1e6 } };
        using var first = new RecordingObserver(cancelAfter: 1);
        Assert.ThrowsAny<OperationCanceledException>(() => ToyTraining.Run(_splits, options, first, Store()));
        byte[][] before = [.. Checkpoints().Select(File.ReadAllBytes)];
        using var second = new RecordingObserver();
        string place = Assert.Throws<TrainingDivergedException>(() => ToyTraining.Run(_splits, options, second, Store())).Message;

        // A start records its first step at once; what diverges later is not written over it, and a third start meets it at the same step.
        Assert.Contains(Checkpoints(), path => before.Any(earlier => File.ReadAllBytes(path).AsSpan().SequenceEqual(earlier)));
        using var third = new RecordingObserver();
        Assert.Equal(place, Assert.Throws<TrainingDivergedException>(() => ToyTraining.Run(_splits, options, third, Store())).Message);
    }

    public void Dispose() => _folder.Dispose();

    private static void Damage(string path, string damage)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(path, damage switch
        {
            "cut" => bytes[..(bytes.Length / 2)],
            "empty" => [],
            _ => bytes,
        });
    }

    private CheckpointStore Store() => new(_folder.Root);

    private string[] Checkpoints() => Directory.GetFiles(_folder.Root, "checkpoint-*.bin");

    private void Interrupt(int steps)
    {
        using var observer = new RecordingObserver(steps);
        Assert.ThrowsAny<OperationCanceledException>(() => ToyTraining.Run(_splits, ToyTraining.Options, observer, Store()));
    }
}
