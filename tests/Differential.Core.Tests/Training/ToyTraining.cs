using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>A tiny convolutional network on <see cref="ToyData"/>, and its trainings.</summary>
internal static class ToyTraining
{
    public static readonly TrainingOptions Options = new()
    {
        Loss = new DifferentialOptions(),
        Optimizer = new SgdOptions { LearningRate = 0.1, Momentum = 0.9 },
        Epochs = 4,
        BatchSize = 16,
        Threshold = ThresholdRule.Fitted,
        CheckpointInterval = TimeSpan.Zero,
    };

    public static IReadOnlyList<LayerOptions> Layers { get; } =
    [
        new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(),
        new DenseOptions { Units = 6 }, new ReluOptions(), new DenseOptions { Units = 1 },
    ];

    public static Network CreateNetwork(ComputeDevice device, DataSplits splits, IReadOnlyList<LayerOptions>? layers = null) => new(
        device,
        NetworkArchitecture.Create(splits.Train.SampleShape, layers ?? (splits.Train.IsImages ? Layers : [new DenseOptions { Units = 1 }]), splits.Train.Scores),
        InputNormalization.From(new InputOptions(), splits.Train));

    /// <summary>A training from the seed's initial values.</summary>
    public static (TrainingResult Result, float[] Parameters) Run(
        DataSplits splits,
        TrainingOptions options,
        RecordingObserver observer,
        CheckpointStore? store = null,
        int threads = 1,
        IReadOnlyList<LayerOptions>? layers = null)
    {
        using var device = new SimdDevice(threads);
        using Network network = CreateNetwork(device, splits, layers);
        TrainingResult result = Trainer.Run(network, splits, options, store, observer, observer.Token);
        return (result, network.ParameterValues.ToArray());
    }

    /// <summary>The result without its times.</summary>
    public static TrainingResult WithoutTimes(TrainingResult result) => result with
    {
        ImagesPerSecond = 0,
        Elapsed = TimeSpan.Zero,
        Epochs = [.. result.Epochs.Select(static report => report with { ImagesPerSecond = 0, Elapsed = TimeSpan.Zero })],
    };

    public static void AssertSame((TrainingResult Result, float[] Parameters) expected, (TrainingResult Result, float[] Parameters) actual)
    {
        TrainingResult a = WithoutTimes(expected.Result);
        TrainingResult b = WithoutTimes(actual.Result);
        Assert.Equal(expected.Parameters, actual.Parameters);
        Assert.Equal(a.Epochs, b.Epochs);
        Assert.Equal(a.TrainScores, b.TrainScores);
        Assert.Equal(a.TestScores, b.TestScores);
        Assert.Equal((a.Loss, a.TrainAccuracy, a.TestAccuracy, a.ScoreMargin, a.Threshold), (b.Loss, b.TrainAccuracy, b.TestAccuracy, b.ScoreMargin, b.Threshold));
    }
}
