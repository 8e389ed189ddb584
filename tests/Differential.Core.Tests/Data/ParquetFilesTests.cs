using Differential.Core.Data;
using Differential.Core.Tests.Images;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Data;

public class ParquetFilesTests
{
    private const string Names = """{"info": {"features": {"label": {"names": ["cat", "dog", "eel"], "_type": "ClassLabel"}}}}""";

    private static byte[] Image(byte value) => SmallImage.Png(2, 1, 3, [value, .. new byte[5]]);

    [Fact]
    public void Load_HuggingFaceImages_HaveTheirNamesAndSplits()
    {
        using TemporaryFolder folder = new();
        folder.Write("train-00000-of-00002.parquet", ParquetFile.Images(Names, (Image(1), 1), (Image(2), 0), (Image(3), 2)));
        folder.Write("train-00001-of-00002.parquet", ParquetFile.Images(Names, (Image(4), 0)));
        folder.Write("validation-00000-of-00001.parquet", "not read"u8.ToArray());
        folder.Write("test-00000-of-00001.parquet", ParquetFile.Images(Names, (Image(5), 0), (Image(6), 1)));

        DataSplits splits = new ParquetOptions { Path = ".", Positive = "dog", Negative = "0" }.Load(folder.Root, 1);
        DataSplits small = new ParquetOptions { Path = "train-00000-of-00002.parquet", Positive = "1", Negative = "cat", TestPath = "test-00000-of-00001.parquet", Channels = 1, Size = [1, 1] }.Load(folder.Root, 1);

        Assert.Equal(new Shape(1, 2, 3), splits.Train.SampleShape);
        Assert.Equal([(1, 1), (2, -1), (4, -1)], splits.Train.Labels.Select((label, i) => ((int)splits.Train.Pixels![i * 6], (int)label)));
        Assert.Equal(["dog", "cat"], splits.Names);
        Assert.Equal([5, 6], splits.Test.Labels.Select((_, i) => (int)splits.Test.Pixels![i * 6]));
        Assert.Equal(new Shape(1, 1, 1), small.Train.SampleShape);
        Assert.Equal(2, small.Train.Count);
    }

    [Fact]
    public void Load_NumericColumns_AreFeatures()
    {
        using TemporaryFolder folder = new();
        folder.Write("d.parquet", ParquetFile.Numbers(([1, 2], "b", 10, 0.5), ([3, 4], "a", 20, 0.25), ([5, 6], "c", 30, 0)));
        ParquetOptions options = new() { Path = "d.parquet", Positive = "a", Negative = "b", TestShare = 0 };

        Assert.Equal([1f, 2, 10, 3, 4, 20], (options with { Features = ["features", "x"] }).Load(folder.Root, 1).Train.Features!);
        Assert.Equal([0.5f, 0.25f], (options with { Features = ["y"] }).Load(folder.Root, 1).Train.Features!);
        Assert.Equal([1f, 2, 3, 4], options.Load(folder.Root, 1).Train.Features!);
        Assert.Equal("schema", Assert.Throws<InputException>(() => (options with { Features = ["label"] }).Load(folder.Root, 1)).Place);
        Assert.Equal("no column target of the right type", Assert.Throws<InputException>(() => (options with { Label = "target" }).Load(folder.Root, 1)).Found);
    }

    [Fact]
    public void Load_TestFileWithOtherTexts_KeepsTheTrainingFilesClasses()
    {
        using TemporaryFolder folder = new();
        folder.Write("train.parquet", ParquetFile.Numbers(([1], "b", 0, 0), ([2], "c", 0, 0), ([3], "b", 0, 0)));
        folder.Write("test.parquet", ParquetFile.Numbers(([4], "c", 0, 0), ([5], "a", 0, 0), ([6], "b", 0, 0)));

        DataSplits splits = new ParquetOptions { Path = "train.parquet", TestPath = "test.parquet", Features = ["features"], Positive = "b", Negative = "c" }.Load(folder.Root, 1);

        Assert.Equal([1, -1, 1], splits.Train.Labels.Select(label => (int)label));
        Assert.Equal([-1, 1], splits.Test.Labels.Select(label => (int)label));
        Assert.Equal([4f, 6], splits.Test.Features!);
    }

    [Fact]
    public void Load_Damaged_NamesFileAndRow()
    {
        using TemporaryFolder folder = new();
        ParquetOptions options = new() { Path = "d.parquet", Positive = "1", Negative = "0", TestShare = 0 };
        byte[] good = ParquetFile.Images(null, (Image(1), 1), (Image(2), 0));
        Assert.Equal(("row 2", "an image of 2 x 1 (rows x columns)"), Error(ParquetFile.Images(null, (Image(1), 1), (SmallImage.Png(1, 2, 1, [0, 0]), 0))));
        Assert.Equal(("row 1, header", "an image of 60000 x 60000 pixels"), Error(ParquetFile.Images(null, (SmallImage.Png(60_000, 60_000, 1, [0]), 1), (Image(2), 0))));
        Assert.Equal(("row 2, byte 0", "the beginning of none of these formats"), Error(ParquetFile.Images(null, (Image(1), 1), ([1, 2, 3], 0))));
        Assert.Equal(("record 2", "the label 3"), Error(ParquetFile.Images(Names, (Image(1), 1), (Image(2), 3))));
        for (int length = 0; length < good.Length; length += 7)
        {
            Error(good[..length]);
        }

        (string Place, string Found) Error(byte[] bytes)
        {
            string file = folder.Write("d.parquet", bytes);
            InputException error = Assert.Throws<InputException>(() => options.Load(folder.Root, 1));
            Assert.Equal(file, error.File);
            return (error.Place, error.Found);
        }
    }
}
