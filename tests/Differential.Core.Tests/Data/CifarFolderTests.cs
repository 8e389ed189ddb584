using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Data;

public class CifarFolderTests
{
    private const int RecordBytes = 3073;

    [Fact]
    public void Load_SmallFolder_TurnsPlanesIntoChannelsLast()
    {
        using TemporaryFolder folder = new();
        byte[] record = Record(0, 0);
        for (int c = 0; c < 3; c++)
        {
            record[1 + (c * 1024) + (5 * 32) + 7] = (byte)(100 + c);
        }

        folder.Write("data_batch_2.bin", [.. Record(7, 9), .. record, .. Record(3, 1)]);
        folder.Write("test_batch.bin", [.. Record(7, 1), .. Record(0, 2)]);

        DataSplits splits = Load(folder);

        Assert.Equal(new Shape(32, 32, 3), splits.Train.SampleShape);
        Assert.Equal([-1, 1], splits.Train.Labels.Select(label => (int)label));
        Assert.Equal([100, 101, 102], splits.Train.Pixels!.AsSpan(3072 + (((5 * 32) + 7) * 3), 3).ToArray());
        Assert.Equal(("airplane", "horse"), (splits.Positive, splits.Negative));
        Assert.Equal(2, splits.Test.Count);
    }

    [Theory]
    [InlineData(4, new[] { 1, 2, 3, 4 })]
    [InlineData(3, new[] { 1, 2, 3 })]
    [InlineData(8, new[] { 1, 2, 3, 4, 5, 7 })]
    [InlineData(int.MaxValue, new[] { 1, 2, 3, 4, 5, 6, 7 })]
    public void Load_TrainLimit_TakesTheFirstOfEachClassInTheFilesOrder(int limit, int[] expected)
    {
        // Airplanes 1, 3, 5, 7, 6 and horses 2, 4: each class gets half of the limit, the positive one the odd image.
        using TemporaryFolder folder = new();
        folder.Write("data_batch_1.bin", [.. Record(0, 1), .. Record(7, 2), .. Record(0, 3), .. Record(5, 99)]);
        folder.Write("data_batch_3.bin", [.. Record(7, 4), .. Record(0, 5), .. Record(0, 7), .. Record(0, 6)]);
        folder.Write("test_batch.bin", [.. Record(7, 1), .. Record(0, 2)]);
        int[] firsts = [.. FirstPixels((Options() with { TrainLimit = limit }).Load(folder.Root, 1).Train)];

        Assert.Equal(expected.Order(), firsts.Order());
    }

    [Fact]
    public void Load_TwoListedClasses_IsTheSameAsPositiveAndNegative()
    {
        using TemporaryFolder folder = Valid();
        DataSplits expected = Load(folder);
        DataSplits actual = (Listed("airplane", "7")).Load(folder.Root, 1);

        Assert.Equal(expected.Train.Labels, actual.Train.Labels);
        Assert.Equal(expected.Train.Pixels, actual.Train.Pixels);
        Assert.Equal((expected.Positive, expected.Negative, 2), (actual.Positive, actual.Negative, actual.Train.Classes));
    }

    [Fact]
    public void Load_SeveralListedClasses_AreNumberedInTheListsOrderAndShareTheLimit()
    {
        using TemporaryFolder folder = new();
        folder.Write("data_batch_1.bin", [.. Record(0, 1), .. Record(7, 2), .. Record(0, 3), .. Record(5, 99), .. Record(3, 4), .. Record(3, 5), .. Record(7, 6)]);
        folder.Write("test_batch.bin", [.. Record(7, 1), .. Record(0, 2), .. Record(3, 2)]);

        DataSplits all = (Listed("horse", "cat", "0")).Load(folder.Root, 1);
        DataSplits some = (Listed("horse", "cat", "0") with { TrainLimit = 4 }).Load(folder.Root, 1);

        Assert.Equal([2, 0, 2, 1, 1, 0], all.Train.Labels.Select(label => (int)label));
        Assert.Equal(["horse", "cat", "airplane"], all.Names);
        Assert.Equal((3, 3), (all.Train.Classes, all.Test.Classes));
        Assert.Equal([2, 0, 1, 0], some.Train.Labels.Select(label => (int)label));
    }

    [Fact]
    public void Load_FolderWithoutImagesOfAClass_NamesIt()
    {
        using TemporaryFolder folder = Valid();

        InputException error = Assert.Throws<InputException>(() => (Listed("airplane", "horse", "cat")).Load(folder.Root, 1, "job.json"));
        Assert.Equal(("no image of the class cat (3)", "images of each of the 3 classes"), (error.Found, error.Allowed));
        error = Assert.Throws<InputException>(() => (Listed("airplane", "horse", "0")).Load(folder.Root, 1, "job.json"));
        Assert.Equal(("job.json", "$.data.classes[2]", "each class once"), (error.File, error.Place, error.Allowed));
        error = Assert.Throws<InputException>(() => (Listed("airplane", "plane", "0")).Load(folder.Root, 1, "job.json"));
        Assert.Equal("$.data.classes[1]", error.Place);
    }

    /// <summary>The small folder has airplanes and horses alone; the full one has all ten.</summary>
    [SkippableFact]
    public void Load_RealFolderWithAThirdClass_LoadsOrNamesTheMissingOne()
    {
        string? real = CifarFolder.Find();
        Skip.If(real is null, "no CIFAR-10 folder here");
        try
        {
            DataSplits splits = (Listed("airplane", "horse", "cat") with { Path = real }).Load("/", 1);
            Assert.Equal(3, splits.Train.Labels.Distinct().Count());
        }
        catch (InputException error)
        {
            Assert.Contains("no image of the class cat (3)", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_NamesFile_DecidesWhatClassesAreCalled()
    {
        using TemporaryFolder folder = Valid();
        folder.Write("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");

        DataSplits splits = (Options() with { Positive = "a", Negative = "7" }).Load(folder.Root, 1);
        Assert.Equal(("a", "h"), (splits.Positive, splits.Negative));

        folder.Write("batches.meta.txt", "a\nb\n");
        Assert.Equal(folder.At("batches.meta.txt"), Assert.Throws<InputException>(() => Load(folder)).File);
    }

    public static TheoryData<string, string, string> BadClasses => new()
    {
        { "plane", "horse", "$.data.positive" },
        { "airplane", "10", "$.data.negative" },
        { "airplane", "-1", "$.data.negative" },
        { "1.5", "horse", "$.data.positive" },
        { "", "horse", "$.data.positive" },
        { "Airplane", "horse", "$.data.positive" },
        { "airplane", "airplane", "$.data.negative" },
        { "airplane", "0", "$.data.negative" },
    };

    [Theory]
    [MemberData(nameof(BadClasses))]
    public void Load_BadClass_NamesTheJobsField(string positive, string negative, string place)
    {
        using TemporaryFolder folder = Valid();

        InputException error = Assert.Throws<InputException>(() => (Options() with { Positive = positive, Negative = negative }).Load(folder.Root, 1, "job.json"));
        Assert.Equal(("job.json", place), (error.File, error.Place));
    }

    public static TheoryData<string, byte[]?, string, string> BadFiles => new()
    {
        { "test_batch.bin", null, "", "there is no such file" },
        { "test_batch.bin", [], "", "the file is empty" },
        { "data_batch_1.bin", [.. Record(0, 1), .. Record(7, 1), 0], "record 3 at byte 6146", "a file of 6147 bytes" },
        { "data_batch_1.bin", new byte[100], "record 1 at byte 0", "a file of 100 bytes" },
        { "data_batch_1.bin", [.. Record(0, 1), .. Record(10, 1)], "record 2 at byte 3073", "label 10" },
        { "data_batch_1.bin", [.. Record(0, 1), .. Record(7, 1), .. Record(255, 1)], "record 3 at byte 6146", "label 255" },
        { "test_batch.bin", Record(0, 1), "", "no image of the class horse (7)" },
        { "test_batch.bin", Record(7, 1), "", "no image of the class airplane (0)" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void Load_BadFile_NamesFileAndRecord(string name, byte[]? bytes, string place, string found)
    {
        using TemporaryFolder folder = Valid();
        File.Delete(folder.At(name));
        if (bytes is not null)
        {
            folder.Write(name, bytes);
        }

        InputException error = Assert.Throws<InputException>(() => Load(folder));
        Assert.Equal((folder.At(name), place, found), (error.File, error.Place, error.Found));
    }

    [Fact]
    public void Load_MissingFolderFileInItsPlaceOrNoBatches_SaysWhich()
    {
        using TemporaryFolder folder = Valid();
        Assert.Equal("there is no such folder", Assert.Throws<InputException>(() => (Options() with { Path = "none" }).Load(folder.Root, 1)).Found);
        Assert.Equal("it is a file", Assert.Throws<InputException>(() => (Options() with { Path = "test_batch.bin" }).Load(folder.Root, 1)).Found);
        File.Delete(folder.At("data_batch_1.bin"));
        Assert.Equal("no data_batch_1.bin to data_batch_5.bin", Assert.Throws<InputException>(() => Load(folder)).Found);
        folder.Write("data_batch_1.bin", Record(7, 1));
        Assert.Equal(folder.At("data_batch_*.bin"), Assert.Throws<InputException>(() => Load(folder)).File);
    }

    [Fact]
    public void Load_MissingBatches_AreNamed()
    {
        using TemporaryFolder folder = Valid();
        Assert.Contains("data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin are missing", Assert.Single(Load(folder).Notes), StringComparison.Ordinal);
        foreach (int i in Enumerable.Range(2, 4))
        {
            File.Copy(folder.At("data_batch_1.bin"), folder.At($"data_batch_{i}.bin"));
        }

        Assert.Empty(Load(folder).Notes);
    }

    [Fact]
    public void Load_Cifar100_TakesFineOrCoarseLabels()
    {
        using TemporaryFolder folder = new();
        byte[] train = [.. (byte[])[4, 1, 10, .. new byte[3071]], .. (byte[])[0, 99, 20, .. new byte[3071]], .. (byte[])[4, 0, 30, .. new byte[3071]]];
        folder.Write("train.bin", train);
        folder.Write("test.bin", train);

        DataSplits fine = new Cifar100Options { Path = ".", Positive = "worm", Negative = "aquarium_fish" }.Load(folder.Root, 1);
        DataSplits coarse = new Cifar100Options { Path = ".", Positive = "fruit_and_vegetables", Negative = "0", Labels = CifarLabels.Coarse }.Load(folder.Root, 1);

        Assert.Equal([-1, 1], fine.Train.Labels.Select(label => (int)label));
        Assert.Equal([10, 20], FirstPixels(fine.Train));
        Assert.Equal([1, -1, 1], coarse.Train.Labels.Select(label => (int)label));
        Assert.Equal(["fruit_and_vegetables", "aquatic_mammals"], coarse.Names);
        train[3074 + 1] = 100;
        folder.Write("train.bin", train);
        InputException error = Assert.Throws<InputException>(() => new Cifar100Options { Path = ".", Positive = "worm", Negative = "apple" }.Load(folder.Root, 1));
        Assert.Equal(("record 2 at byte 3074", "label 100"), (error.Place, error.Found));
        Assert.Equal("no train.bin", Assert.Throws<InputException>(() => new Cifar100Options { Path = "none", Positive = "worm", Negative = "apple" }.Load(Empty(folder), 1)).Found);

        static string Empty(TemporaryFolder folder)
        {
            Directory.CreateDirectory(folder.At("none"));
            return folder.Root;
        }
    }

    [Fact]
    public void CifarLayouts_NameEachClassOnce()
    {
        Assert.Equal((10, 100, 20), (CifarLayout.Ten.Names.Count, CifarLayout.Hundred(CifarLabels.Fine).Names.Distinct().Count(), CifarLayout.Hundred(CifarLabels.Coarse).Names.Distinct().Count()));
        Assert.Equal(CifarLayout.Hundred(CifarLabels.Fine).Names.Order(StringComparer.Ordinal), CifarLayout.Hundred(CifarLabels.Fine).Names);
    }

    /// <summary>The expected means are numpy's, in float64, over the same records.</summary>
    [SkippableFact]
    public void Load_RealFolder_HasTheKnownCountsAndMeans()
    {
        string? path = CifarFolder.Find();
        Skip.If(path is null, "the CIFAR-10 folder is not there (DIFFERENTIAL_CIFAR10)");

        DataSplits splits = (Options() with { Path = path }).Load(".", 1);

        Assert.Equal((10_000, 5_000), (splits.Train.Count, splits.Train.Labels.Count(label => label > 0)));
        Assert.Equal((2_000, 1_000), (splits.Test.Count, splits.Test.Labels.Count(label => label > 0)));
        Close([0.51369599, 0.51999375, 0.50278724], splits.Train.ChannelMeans());
        Close([0.51933195, 0.52760736, 0.51563255], splits.Test.ChannelMeans());

        static void Close(double[] expected, double[] actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-8));
    }

    private static Cifar10Options Options() => new() { Path = ".", Positive = "airplane", Negative = "horse" };

    private static Cifar10Options Listed(params string[] names) => new() { Path = ".", Classes = [.. names.Select(name => new ClassName(name))] };

    private static DataSplits Load(TemporaryFolder folder) => Options().Load(folder.Root, 1);

    private static TemporaryFolder Valid()
    {
        TemporaryFolder folder = new();
        folder.Write("data_batch_1.bin", [.. Record(0, 1), .. Record(7, 2)]);
        folder.Write("test_batch.bin", [.. Record(7, 1), .. Record(0, 2)]);
        return folder;
    }

    private static byte[] Record(byte label, byte pixel)
    {
        byte[] record = new byte[RecordBytes];
        record.AsSpan(1).Fill(pixel);
        record[0] = label;
        return record;
    }

    private static IEnumerable<int> FirstPixels(Dataset data) => Enumerable.Range(0, data.Count).Select(i => (int)data.Pixels![i * 3072]);
}
