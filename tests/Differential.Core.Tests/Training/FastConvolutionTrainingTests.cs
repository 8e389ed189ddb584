using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>Trainings whose steps use Winograd's tiles, on a network with a layer that is open to them.</summary>
public sealed class FastConvolutionTrainingTests : IDisposable
{
    private static readonly DataSplits Splits = ToyData.Images();

    internal static readonly IReadOnlyList<LayerOptions> Layers =
    [
        new ConvOptions { Filters = 16, Padding = 1 }, new ReluOptions(), new ConvOptions { Filters = 32, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(),
        new DenseOptions { Units = 6 }, new ReluOptions(), new DenseOptions { Units = 1 },
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Run_FastAndDirect_EndCloseToEachOtherAndAreNotTheSameBits()
    {
        (TrainingResult direct, float[] parameters) = Run(ConvolutionMethod.Direct, 2);
        (TrainingResult fast, float[] others) = Run(ConvolutionMethod.Fast, 2);
        Assert.NotEqual(parameters, others);
        double scale = parameters.Max(Math.Abs);
        Assert.All(parameters.Zip(others), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * scale));
        Assert.Equal(direct.TestAccuracy, fast.TestAccuracy, 0.04);
    }

    [Fact]
    public void Run_FastInterruptedWithOtherThreads_EndsWithTheSameBits()
    {
        (_, float[] expected) = Run(ConvolutionMethod.Fast, 1);
        foreach (int steps in (int[])[3, 9])
        {
            using var interrupted = new RecordingObserver(steps);
            Assert.ThrowsAny<OperationCanceledException>(() => Run(ConvolutionMethod.Fast, 2, interrupted, new CheckpointStore(_folder.Root)));
        }

        using var last = new RecordingObserver();
        Assert.Equal(expected, Run(ConvolutionMethod.Fast, 3, last, new CheckpointStore(_folder.Root)).Parameters);
    }

    /// <summary>What a training reports of its sets is what a device with direct convolutions says of the same parameters, to the bit.</summary>
    [Fact]
    public void Run_Fast_IsEvaluatedDirectly()
    {
        (TrainingResult result, float[] parameters) = Run(ConvolutionMethod.Fast, 2);
        using var device = new SimdDevice(threads: 1);
        using Network network = ToyTraining.CreateNetwork(device, Splits, Layers);
        network.ParameterValues.Write(parameters);
        Assert.Equal(ScoreEvaluator.Scores(network, Splits.Test), result.TestScores);
        Assert.Equal(ScoreEvaluator.Scores(network, Splits.Train), result.TrainScores);
    }

    public void Dispose() => _folder.Dispose();

    private static (TrainingResult Result, float[] Parameters) Run(ConvolutionMethod method, int threads, RecordingObserver? observer = null, CheckpointStore? store = null)
    {
        using var silent = new RecordingObserver();
        RecordingObserver told = observer ?? silent;
        using var device = new SimdDevice(threads, maxVectorBits: 512, convolution: method);
        using Network network = ToyTraining.CreateNetwork(device, Splits, Layers);
        TrainingResult result = Trainer.Run(network, Splits, ToyTraining.Options, store, told, told.Token);
        return (result, network.ParameterValues.ToArray());
    }
}
