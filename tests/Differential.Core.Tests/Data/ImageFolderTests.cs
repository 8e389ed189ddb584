using Differential.Core.Data;
using Differential.Core.Tests.Images;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Data;

public class ImageFolderTests
{
    [Fact]
    public void Load_TrainAndTestFolders_AreInTheOrderOfNames()
    {
        using TemporaryFolder folder = new();
        Put(folder, "train/cat/10.png", 1);
        Put(folder, "train/cat/2.png", 2);
        Put(folder, "train/dog/3.PNG", 3);
        Put(folder, "train/dog/2.png", 4);
        Put(folder, "train/eel/1.png", 5);
        Put(folder, "test/cat/a.png", 6);
        Put(folder, "test/dog/a.png", 7);
        folder.Write("train/cat/.hidden.png", "no image");
        folder.Write("train/cat/notes.txt", "no image");

        DataSplits splits = Options("cat", "dog").Load(folder.Root, 1);

        Assert.Equal([2, 4, 3, 1], Firsts(splits.Train));
        Assert.Equal([1, -1, -1, 1], splits.Train.Labels.Select(label => (int)label));
        Assert.Equal([6, 7], Firsts(splits.Test));
        Assert.Equal(["cat", "dog"], splits.Names);
        Assert.Equal(new Shape(2, 3, 3), splits.Train.SampleShape);
        Assert.Contains("1 files are named as no PNG", Assert.Single(splits.Notes), StringComparison.Ordinal);
        Assert.Contains("notes.txt", splits.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Classes_ByNameOrNumberInTheListsOrder()
    {
        using TemporaryFolder folder = new();
        foreach ((string name, int i) in ((string[])["b", "a", "c10", "c9"]).Select((name, i) => (name, i)))
        {
            Put(folder, $"{name}/x.png", (byte)i);
            Put(folder, $"{name}/y.png", (byte)i);
        }

        DataSplits splits = new ImagesOptions { Path = ".", Classes = [new("c10"), new("0"), new("2")], TestShare = 0 }.Load(folder.Root, 1);

        Assert.Equal(["c10", "a", "c9"], splits.Names);
        Assert.Equal([(1, 1), (3, 2), (2, 0), (1, 1), (3, 2), (2, 0)], Firsts(splits.Train).Zip(splits.Train.Labels, (first, label) => (first, (int)label)));
        Assert.False(splits.HasTest);
    }

    [Fact]
    public void Load_TestShare_TakesTheShareOfEachClassByTheSeed()
    {
        using TemporaryFolder folder = new();
        for (byte i = 0; i < 20; i++)
        {
            Put(folder, $"cat/{i}.png", i);
            Put(folder, $"eel/{i}.png", (byte)(200 + i));
            if (i < 8)
            {
                Put(folder, $"dog/{i}.png", (byte)(100 + i));
            }
        }

        DataSplits splits = (Options("cat", "dog") with { TestShare = 0.25 }).Load(folder.Root, 7);
        DataSplits others = (Options("eel", "cat") with { TestShare = 0.25 }).Load(folder.Root, 7);

        Assert.Equal((15, 6, 5, 2), (Count(splits.Train, 1), Count(splits.Train, -1), Count(splits.Test, 1), Count(splits.Test, -1)));
        Assert.Equal(28, Firsts(splits.Train).Concat(Firsts(splits.Test)).Distinct().Count());
        Assert.Equal(Firsts(splits.Test), Firsts((Options("cat", "dog") with { TestShare = 0.25 }).Load(folder.Root, 7).Test));
        Assert.NotEqual(Firsts(splits.Test), Firsts((Options("cat", "dog") with { TestShare = 0.25 }).Load(folder.Root, 8).Test));
        Assert.Equal(Firsts(splits.Test).Where(first => first < 100), Firsts(others.Test).Where(first => first < 100));
        Assert.Equal((16, 4), (Count(Options("cat", "dog").Load(folder.Root, 7).Train, 1), Count(Options("cat", "dog").Load(folder.Root, 7).Test, 1)));

        static int Count(Dataset data, int label) => data.Labels.Count(l => l == label);
    }

    [Fact]
    public void Load_SizeAndChannels_ResizeEachImage()
    {
        using TemporaryFolder folder = new();
        PutBytes(folder, "a/1.png", SmallImage.Png(2, 2, 1, [0, 40, 80, 121]));
        PutBytes(folder, "b/1.png", SmallImage.Png(1, 1, 3, [9, 9, 9]));

        DataSplits splits = new ImagesOptions { Path = ".", Positive = "a", Negative = "b", Size = [1, 2], Channels = 1, TestShare = 0 }.Load(folder.Root, 1);

        Assert.Equal([40, 81, 9, 9], splits.Train.Pixels!);
    }

    [Fact]
    public void Load_Mistakes_NameFileAndWhatIsAllowed()
    {
        using TemporaryFolder folder = new();
        Assert.Equal("no folder of a class", Error().Found);
        Put(folder, "cat/1.png", 1);
        Assert.Equal("a folder of one class alone, cat", Error().Found);
        Directory.CreateDirectory(folder.At("dog"));
        Assert.Equal((folder.At("dog"), "no image of the class dog"), (Error().File, Error().Found));
        Put(folder, "dog/1.png", 1);
        Assert.Equal("one sample alone of the class cat", Error().Found);
        Put(folder, "dog/2.png", 1);
        Put(folder, "cat/2.png", 1);
        Assert.Equal(2, Options("cat", "dog").Load(folder.Root, 1).Train.Count);
        Assert.Equal("\"cow\", which is no class", Assert.Throws<InputException>(() => Options("cat", "cow").Load(folder.Root, 1)).Found);
        Assert.Equal("$.data.negative", Assert.Throws<InputException>(() => Options("cat", "0").Load(folder.Root, 1)).Place);
        PutBytes(folder, "dog/3.png", SmallImage.Png(2, 2, 3, new byte[12]));
        Assert.Equal((folder.At("dog/3.png"), "an image of 2 x 2 (rows x columns)"), (Error().File, Error().Found));
        folder.Write("dog/3.png", "GIF87a");
        Assert.Equal((folder.At("dog/3.png"), "the file ends within the header"), (Error().File, Error().Found));
        File.Delete(folder.At("dog/3.png"));
        Put(folder, "train/cat/1.png", 1);
        Put(folder, "train/dog/1.png", 1);
        Put(folder, "test/cat/1.png", 1);
        Assert.Equal((folder.At("test/dog"), "there is no such folder"), (Error().File, Error().Found));
        Assert.Equal("$.data.testShare", Assert.Throws<InputException>(() => (Options("cat", "dog") with { TestShare = 0.5 }).Load(folder.Root, 1)).Place);

        InputException Error() => Assert.Throws<InputException>(() => Options("cat", "dog").Load(folder.Root, 1));
    }

    /// <summary>Airplanes and horses of the real folder as PNGs that are named by their place in it.</summary>
    [SkippableFact]
    public void Load_PngsOfCifarsPixels_GivesTheVeryBitsOfCifar10()
    {
        string? cifar = CifarFolder.Find();
        Skip.If(cifar is null, "the CIFAR-10 folder is not there (DIFFERENTIAL_CIFAR10)");
        using TemporaryFolder folder = new();
        DataSplits expected = new Cifar10Options { Path = cifar, Positive = "airplane", Negative = "horse", TrainLimit = 300, TestLimit = 100 }.Load(".", 1);
        foreach ((string split, Dataset data) in ((string, Dataset)[])[("train", expected.Train), ("test", expected.Test)])
        {
            for (int i = 0; i < data.Count; i++)
            {
                PutBytes(folder, $"{split}/{(data.Labels[i] > 0 ? "airplane" : "horse")}/{i}.png", SmallImage.Png(32, 32, 3, data.Pixels.AsSpan(i * 3072, 3072)));
            }
        }

        DataSplits actual = Options("airplane", "horse").Load(folder.Root, 1);

        Assert.Equal(expected.Train.Pixels, actual.Train.Pixels);
        Assert.Equal(expected.Train.Labels, actual.Train.Labels);
        Assert.Equal(expected.Test.Pixels, actual.Test.Pixels);
        Assert.Equal(expected.Test.Labels, actual.Test.Labels);
    }

    [Theory]
    [InlineData("2.png", "10.png")]
    [InlineData("a2b3", "a2b10")]
    [InlineData("a", "b")]
    [InlineData("a", "a1")]
    [InlineData("007", "7")]
    [InlineData("7", "08")]
    [InlineData("99999999999999999998", "99999999999999999999")]
    public void NaturalOrder_NumbersByValue(string first, string second)
    {
        Assert.True(NaturalOrder.Instance.Compare(first, second) < 0);
        Assert.True(NaturalOrder.Instance.Compare(second, first) > 0);
        Assert.Equal(0, NaturalOrder.Instance.Compare(first, first));
    }

    internal static void Put(TemporaryFolder folder, string name, byte value) => PutBytes(folder, name, SmallImage.Png(3, 2, 3, [value, .. new byte[17]]));

    private static void PutBytes(TemporaryFolder folder, string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.At(name))!);
        folder.Write(name, bytes);
    }

    private static ImagesOptions Options(string positive, string negative) => new() { Path = ".", Positive = positive, Negative = negative };

    private static List<int> Firsts(Dataset data) => [.. Enumerable.Range(0, data.Count).Select(i => (int)data.Pixels![i * data.SampleShape.Length])];
}
