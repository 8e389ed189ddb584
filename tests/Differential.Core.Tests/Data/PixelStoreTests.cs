using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Data;

/// <summary>Images in a temporary file are the same data set as images in memory.</summary>
public class PixelStoreTests
{
    private static readonly DataSplits Shapes = new ShapesOptions { Count = 64, Size = 8 }.Load(".", 1);

    private static Dataset InFile(Dataset data)
    {
        using var writer = new PixelWriter(data.Bytes, mostInMemory: 0);
        int length = data.SampleShape.Length;
        for (int i = 0; i < data.Count; i++)
        {
            writer.Add(data.Pixels.AsSpan(i * length, length));
        }

        return Dataset.OfImages(data.SampleShape, [.. data.Labels], writer.ToStore());
    }

    [Fact]
    public void InFile_SamplesSelectionsAndMeans_AreTheSame()
    {
        Dataset data = InFile(Shapes.Train);
        Dataset picked = data.Select([5, 3, 3, 60]).Select([3, 1]);
        Dataset expected = Shapes.Train.Select([60, 3]);
        var sample = new float[data.SampleShape.Length];
        var same = new float[sample.Length];

        Assert.True(data.IsImages && data.IsInFile && picked.IsInFile && data.Pixels is null);
        Assert.Equal(expected.Labels, picked.Labels);
        for (int i = 0; i < 2; i++)
        {
            picked.Sample(i, sample);
            expected.Sample(i, same);
            Assert.Equal(same, sample);
        }

        List<byte> bytes = [];
        picked.ForEachPixels(pixels => bytes.AddRange(pixels));
        Assert.Equal(expected.Pixels, bytes);
        Assert.Equal(InputNormalization.From(new InputOptions(), Shapes.Train).Mean, InputNormalization.From(new InputOptions(), data).Mean);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void InFile_Training_GivesTheSameBits(bool augment)
    {
        using var device = new SimdDevice();
        float[] expected = Train(Shapes);
        float[] actual = Train(new DataSplits(InFile(Shapes.Train), InFile(Shapes.Test), "a", "b"));

        Assert.Equal(expected, actual);

        float[] Train(DataSplits splits)
        {
            var architecture = NetworkArchitecture.Create(splits.Train.SampleShape, new SmallOptions().LayersFor(1), 1);
            using var network = new Network(device, architecture, InputNormalization.From(new InputOptions(), splits.Train));
            Trainer.Run(network, splits, new TrainingOptions
            {
                Loss = new DifferentialOptions(),
                Optimizer = new SgdOptions { LearningRate = 0.02, Momentum = 0.9 },
                Epochs = 3,
                BatchSize = 16,
                Seed = 1,
                Augment = augment ? new AugmentationOptions { Flip = true, Crop = 1 } : null,
            }, null, SilentObserver.Instance, CancellationToken.None);
            return ScoreEvaluator.Scores(network, splits.Test);
        }
    }

    [Fact]
    public void Dispose_WithoutAStore_LeavesNoFile()
    {
        string[] before = Directory.GetFiles(Path.GetTempPath(), "differential-*");
        new PixelWriter(100, mostInMemory: 0).Dispose();
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), "differential-*").Except(before));
    }
}
