using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>What is planned is what a training allocates, to the byte: it runs with that much memory and is refused with a byte less.</summary>
public sealed class TrainingMemoryTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string kind in (string[])["sgd", "adam", "augment", "pgd", "trades", "normalized", "lipschitz", "residual", "recomputed", "points"])
            {
                rows.Add("simd", kind);
            }

            foreach (string device in (string[])["ilgpu-cpu", "opencl", "cuda"])
            {
                rows.Add(device, "sgd");
                rows.Add(device, "augment");
            }

            return rows;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Run_WithThePlannedMemory_GivesTheSameBitsWhereverTheSamplesLie(string device, string kind)
    {
        (DataSplits splits, TrainingOptions options, IReadOnlyList<LayerOptions>? layers) = Case(kind, device);
        DataPlacement[] placements = device == "ilgpu-cpu" ? [DataPlacement.All[^1]] : [.. DataPlacement.All];
        long[] needs = [.. placements.Select(placement => Need(device, splits, options, layers, memory => memory.Bytes(placement, options)))];

        (TrainingResult Result, float[] Parameters) whole = Train(device, splits, options, layers, limit: 0, out _);
        for (int i = 0; i < needs.Length; i++)
        {
            (TrainingResult Result, float[] Parameters) limited = Train(device, splits, options, layers, needs[i], out long peak);
            ToyTraining.AssertSame(whole, limited);
            Assert.InRange(peak, 1, needs[i]);
        }
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("augment")]
    [InlineData("pgd")]
    public void Run_AByteShort_SaysWhichBatchFits(string kind)
    {
        (DataSplits splits, TrainingOptions options, IReadOnlyList<LayerOptions>? layers) = Case(kind, "simd");
        long limit = Need("simd", splits, options, layers, memory => memory.Least(options)) - 1;

        MemoryShortage shortage = Assert.Throws<MemoryShortageException>(() => Train("simd", splits, options, layers, limit, out _)).Shortage;

        Assert.Equal((limit + 1, limit, options.BatchSize, "simd"), (shortage.NeededBytes, shortage.AvailableBytes, shortage.Batch!.Value, shortage.Device));
        Assert.InRange(shortage.LargestBatch!.Value, 2, options.BatchSize - 1);
        Train("simd", splits, options with { BatchSize = shortage.LargestBatch.Value }, layers, limit, out _);
        Assert.Throws<MemoryShortageException>(() => Train("simd", splits, options with { BatchSize = shortage.LargestBatch.Value + 1 }, layers, limit, out _));
        Assert.Equal($"the training in batches of {options.BatchSize} needs {limit + 1:N0} bytes of the memory of simd, which has {limit:N0} for it", shortage.Found);
    }

    [Fact]
    public void Run_NotEvenTheSmallestBatchFits_SaysSo()
    {
        (DataSplits splits, TrainingOptions options, IReadOnlyList<LayerOptions>? layers) = Case("sgd", "simd");

        MemoryShortageException exception = Assert.Throws<MemoryShortageException>(() => Train("simd", splits, options, layers, 10_000, out _));

        Assert.Null(exception.Shortage.LargestBatch);
        Assert.EndsWith("not even the smallest batch fits", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FullBatchWithoutRoom_NamesNoBatch()
    {
        (DataSplits splits, TrainingOptions options, IReadOnlyList<LayerOptions>? layers) = Case("normalized", "simd");

        MemoryShortageException exception = Assert.Throws<MemoryShortageException>(() => Train("simd", splits, options, layers, 40_000, out _));

        Assert.Null(exception.Shortage.Batch);
    }

    [SkippableTheory]
    [InlineData("ilgpu-cpu")]
    [InlineData("opencl")]
    public void Run_DriverRefusesAnAllocation_SaysWhatIsNeeded(string name)
    {
        (DataSplits splits, TrainingOptions options, IReadOnlyList<LayerOptions>? layers) = Case("sgd", name);
        int allocations = 0;
        using ComputeDevice device = Devices.Open(name, new DeviceOptions { DriverFault = call => call == "allocating" && ++allocations == 12 ? "out of memory" : null });
        using Network network = ToyTraining.CreateNetwork(device, splits, layers);

        MemoryShortageException exception = Assert.Throws<MemoryShortageException>(
            () => Trainer.Run(network, splits, options, null, new RecordingObserver(), CancellationToken.None));

        Assert.True(exception.Shortage.NeededBytes > exception.Shortage.AvailableBytes, exception.Message);
        Assert.True(exception.Shortage.AvailableBytes > 0, exception.Message);
        Assert.IsType<DeviceMemoryException>(exception.InnerException);
    }

    private static (DataSplits Splits, TrainingOptions Options, IReadOnlyList<LayerOptions>? Layers) Case(string kind, string device)
    {
        // A simulated thread costs a thread there.
        bool tiny = device != "simd";
        DataSplits images = tiny ? ToyData.Images(3, 3) : ToyData.Images();
        images = tiny ? images with { Test = images.Train } : images;
        TrainingOptions options = ToyTraining.Options with { Epochs = tiny ? 1 : 2, BatchSize = tiny ? 4 : 16 };
        IReadOnlyList<LayerOptions>? layers = tiny ? [new DenseOptions { Units = 1 }] : null;
        return kind switch
        {
            "adam" => (images, options with { Optimizer = new AdamOptions() }, layers),
            "augment" => (images, options with { Augment = new AugmentationOptions { Flip = true, Crop = 1 } }, layers),
            "pgd" => (images, options with { Adversarial = new PgdTrainingOptions { Steps = 2 } }, layers),
            "trades" => (images, options with { Adversarial = new TradesOptions { Steps = 2 } }, layers),
            "normalized" => (images, options with { Optimizer = new NormalizedGradientOptions() }, layers),
            "lipschitz" => (images, options, [new ConvOptions { Filters = 4, Padding = 1, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true }]),
            "residual" => (images, options,
                [
                    new ConvOptions { Filters = 4, Padding = 1 }, new BatchNormOptions(), new ReluOptions(),
                    new ResidualOptions { Layers = [new ConvOptions { Filters = 4, Padding = 1 }, new BatchNormOptions(), new ReluOptions()] },
                    new GlobalAveragePoolOptions(), new DropoutOptions(), new DenseOptions { Units = 1 },
                ]),
            "recomputed" => (images, options with { Activations = Activations.Recomputed },
                [
                    new ConvOptions { Filters = 4, Padding = 1 }, new BatchNormOptions(), new ReluOptions(), new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions(),
                    new ResidualOptions { Layers = [new ConvOptions { Filters = 4, Padding = 1 }, new BatchNormOptions(), new ReluOptions()] }, new DenseOptions { Units = 1 },
                ]),
            "points" => (ToyData.Points(20), options, null),
            _ => (images, options, layers),
        };
    }

    private static long Need(string name, DataSplits splits, TrainingOptions options, IReadOnlyList<LayerOptions>? layers, Func<TrainingMemory, long> need)
    {
        using ComputeDevice device = Devices.Open(name);
        using Network network = ToyTraining.CreateNetwork(device, splits, layers);
        return need(new TrainingMemory(network, splits, options));
    }

    private static (TrainingResult Result, float[] Parameters) Train(
        string name, DataSplits splits, TrainingOptions options, IReadOnlyList<LayerOptions>? layers, long limit, out long peak)
    {
        using ComputeDevice device = Devices.Open(name, new DeviceOptions { MemoryLimit = limit });
        using Network network = ToyTraining.CreateNetwork(device, splits, layers);
        TrainingResult result = Trainer.Run(network, splits, options, null, new RecordingObserver(), CancellationToken.None);
        float[] parameters = network.ParameterValues.ToArray();
        ScoreEvaluator.Scores(network, splits.Train);
        peak = device.PeakBytes;
        return (result, parameters);
    }
}
