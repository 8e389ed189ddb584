using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Data;

public class IdxFolderTests
{
    private static readonly byte[] Images = [.. Enumerable.Range(0, 4 * 2 * 3).Select(i => (byte)(i * 10))];

    [Theory]
    [InlineData("", false)]
    [InlineData(".gz", true)]
    public void Load_FourFiles_PlainOrPacked(string ending, bool packed)
    {
        using TemporaryFolder folder = new();
        Write("train-images-idx3-ubyte", ArrayFile.Idx([4, 2, 3], Images));
        Write("train-labels-idx1-ubyte", ArrayFile.Idx([4], [7, 3, 9, 7]));
        Write("t10k-images-idx3-ubyte", ArrayFile.Idx([2, 2, 3], Images[6..18]));
        Write("t10k-labels-idx1-ubyte", ArrayFile.Idx([2], [3, 7]));

        DataSplits splits = new IdxOptions { Path = ".", Positive = "3", Negative = "7" }.Load(folder.Root, 1);
        DataSplits limited = new IdxOptions { Path = ".", Classes = [new("7"), new("3")], TrainLimit = 2 }.Load(folder.Root, 1);

        Assert.Equal(new Shape(2, 3, 1), splits.Train.SampleShape);
        Assert.Equal([-1, 1, -1], splits.Train.Labels.Select(label => (int)label));
        Assert.Equal([.. Images[..12], .. Images[18..]], splits.Train.Pixels!);
        Assert.Equal(Images[6..18], splits.Test.Pixels!);
        Assert.Equal(Images[..12], limited.Train.Pixels!);

        void Write(string name, byte[] bytes) => folder.Write(name + ending, packed ? ArrayFile.Gzip(bytes) : bytes);
    }

    [Fact]
    public void Load_RankFour_KnowsItsChannels()
    {
        using TemporaryFolder folder = new();
        byte[] values = [.. Enumerable.Range(0, 4 * 3 * 2 * 2).Select(i => (byte)i)];
        folder.Write("train-images-idx4-ubyte", ArrayFile.Idx([4, 3, 2, 2], values));
        folder.Write("train-labels-idx1-ubyte", ArrayFile.Idx([4], [0, 1, 0, 1]));

        DataSplits splits = new IdxOptions { Path = ".", Positive = "1", Negative = "0" }.Load(folder.Root, 1);

        Assert.Equal(new Shape(2, 2, 3), splits.Train.SampleShape);
        Assert.Equal((2, 2), (splits.Train.Count, splits.Test.Count));
        Assert.All((byte[][])[splits.Train.Pixels!, splits.Test.Pixels!], pixels => Assert.Equal((4, 8), (pixels[1] - pixels[0], pixels[2] - pixels[0])));
    }

    [Fact]
    public void Load_Damaged_NamesFileAndRecord()
    {
        using TemporaryFolder folder = new();
        byte[] good = ArrayFile.Idx([4, 2, 3], Images);
        byte[] labels = ArrayFile.Idx([4], [0, 1, 0, 1]);
        Expect("train-images-idx3-ubyte", "record 4", "a file of 39 bytes", good[..^1], labels);
        Expect("train-images-idx3-ubyte", "", "a file of 41 bytes", [.. good, 0], labels);
        Expect("train-images-idx3-ubyte", "byte 0", "the bytes 00000903", [0, 0, 9, 3, .. good[4..]], labels);
        Expect("train-images-idx3-ubyte", "header", "the file ends within the header", good[..9], labels);
        Expect("train-images-idx3-ubyte", "header", "the file is empty", [], labels);
        Expect("train-images-idx3-ubyte", "header", "samples of no elements, or of too many", ArrayFile.Idx([1, 60000, 60000], []), labels);
        Expect("train-labels-idx1-ubyte", "header", "the dimensions 3", good, ArrayFile.Idx([3], [0, 1, 0]));
        Expect("train-images-idx3-ubyte", "record 3", "the file ends within the array", ArrayFile.Gzip(good[..30]), labels);
        Expect("train-images-idx3-ubyte", "", "bytes after the last record", ArrayFile.Gzip([.. good, 1]), labels);
        byte[] cut = ArrayFile.Gzip(good);
        folder.Write("train-images-idx3-ubyte", cut[..(cut.Length / 2)]);
        Assert.Throws<InputException>(Load);
        File.Delete(folder.At("train-images-idx3-ubyte"));
        Assert.Equal("no file of the images of train", Assert.Throws<InputException>(Load).Found);

        void Expect(string name, string place, string found, byte[] images, byte[] classes)
        {
            folder.Write("train-images-idx3-ubyte", images);
            folder.Write("train-labels-idx1-ubyte", classes);
            InputException error = Assert.Throws<InputException>(Load);
            Assert.Equal((folder.At(name), place, found), (error.File, error.Place, error.Found));
        }

        void Load() => new IdxOptions { Path = ".", Positive = "1", Negative = "0", TestShare = 0 }.Load(folder.Root, 1);
    }
}
