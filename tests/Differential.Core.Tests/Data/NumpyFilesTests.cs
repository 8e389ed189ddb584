using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Data;

public class NumpyFilesTests
{
    private static readonly double[] Values = [.. Enumerable.Range(0, 6 * 2 * 3 * 3).Select(i => (double)(i * 37 % 256))];

    public static TheoryData<string, bool, bool, byte> Forms()
    {
        TheoryData<string, bool, bool, byte> forms = new();
        foreach (string type in (string[])["|u1", "<u2", ">u2", "<i2", "<i4", ">i4", "<u4", "<i8", ">i8", "<u8", "<f2", "<f4", ">f4", "<f8", ">f8"])
        {
            forms.Add(type, type.EndsWith('8'), type.StartsWith('>') || type == "|u1", (byte)(1 + (type[2] % 3)));
            forms.Add(type, !type.EndsWith('8'), !type.StartsWith('>') && type != "|u1", 1);
        }

        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Load_EachTypeOrderAndPacking_GivesTheSameImages(string type, bool fortran, bool deflated, byte version)
    {
        using TemporaryFolder folder = new();
        double[] values = type is "<f2" ? [.. Values.Select(value => Math.Floor(value / 2))] : Values;
        folder.Write("d.npz", ArrayFile.Npz(
            deflated,
            ("x_train", ArrayFile.Npy(type, [6, 2, 3, 3], values, fortran, version)),
            ("y_train", ArrayFile.Npy("<i8", [6], [1, 0, 2, 1, 0, 5])),
            ("x_test", ArrayFile.Npy(type, [2, 2, 3, 3], values[..36], fortran, version)),
            ("y_test", ArrayFile.Npy(">i4", [2, 1], [0, 1]))));

        DataSplits splits = new NumpyOptions { Path = "d.npz", Positive = "1", Negative = "0", Layout = ArrayLayout.Nhwc }.Load(folder.Root, 1);

        Assert.Equal(new Shape(2, 3, 3), splits.Train.SampleShape);
        Assert.Equal([1, -1, 1, -1], splits.Train.Labels.Select(label => (int)label));
        Assert.Equal(((int[])[0, 1, 3, 4]).SelectMany(i => values[(i * 18)..((i + 1) * 18)]).Select(value => (byte)value), splits.Train.Pixels!);
        Assert.Equal(values[..36].Select(value => (byte)value), splits.Test.Pixels!);
        Assert.Empty(splits.Notes);
    }

    [Theory]
    [InlineData(new[] { 4, 2, 5 }, null, new[] { 2, 5, 1 })]
    [InlineData(new[] { 4, 2, 5, 3 }, null, new[] { 2, 5, 3 })]
    [InlineData(new[] { 4, 1, 2, 5 }, null, new[] { 2, 5, 1 })]
    [InlineData(new[] { 4, 3, 2, 5 }, null, new[] { 2, 5, 3 })]
    [InlineData(new[] { 4, 3, 2, 3 }, ArrayLayout.Nchw, new[] { 2, 3, 3 })]
    [InlineData(new[] { 4, 2, 2, 5 }, ArrayLayout.Nchw, new[] { 2, 5, 2 })]
    [InlineData(new[] { 4, 7 }, null, new[] { 7 })]
    [InlineData(new[] { 4, 2, 5 }, ArrayLayout.Nd, new[] { 10 })]
    public void Load_Layouts_AreClearOrNamed(int[] shape, ArrayLayout? layout, int[] sample)
    {
        using TemporaryFolder folder = new();
        int count = shape.Aggregate((a, b) => a * b);
        folder.Write("d.npz", ArrayFile.Npz(true, ("x", ArrayFile.Npy("|u1", shape, [.. Enumerable.Range(0, count).Select(i => (double)i)])), ("y", ArrayFile.Npy("|u1", [4], [1, 0, 1, 0]))));

        DataSplits splits = new NumpyOptions { Path = "d.npz", Positive = "1", Negative = "0", Layout = layout, TestShare = 0 }.Load(folder.Root, 1);

        Assert.Equal(new Shape(sample), splits.Train.SampleShape);
        var values = new float[splits.Train.SampleShape.Length];
        splits.Train.Sample(1, values);
        bool channelsFirst = shape.Length == 4 && (layout == ArrayLayout.Nchw || shape[1] is 1 or 3);
        int area = sample.Length == 3 ? sample[0] * sample[1] : 1;
        Assert.Equal(Enumerable.Range(0, values.Length).Select(i => (values.Length + (channelsFirst ? (i % sample[2] * area) + (i / sample[2]) : i)) / 255f), values);
    }

    [Fact]
    public void Load_FloatsFromZeroToOne_AreTimes255()
    {
        using TemporaryFolder folder = new();
        folder.Write("x_train.npy", ArrayFile.Npy("<f4", [4, 1, 2], [0, 1 / 255f, 128 / 255f, 1, 0, 0, 1, 1]));
        folder.Write("y_train.npy", ArrayFile.Npy("<i4", [4], [0, 1, 0, 1]));
        folder.Write("x_test.npy", ArrayFile.Npy("<f8", [2, 1, 2], [0, 0.5, 0.25, 1]));
        folder.Write("y_test.npy", ArrayFile.Npy("<i4", [2], [0, 1]));
        NumpyOptions options = new() { Path = ".", Positive = "1", Negative = "0" };

        DataSplits splits = options.Load(folder.Root, 1);

        Assert.Equal([0, 1, 128, 255, 0, 0, 255, 255], splits.Train.Pixels!);
        Assert.Equal([0, 128, 64, 255], splits.Test.Pixels!);
        Assert.Contains("were rounded", Assert.Single(splits.Notes), StringComparison.Ordinal);
        folder.Write("x_test.npy", ArrayFile.Npy("<f8", [2, 1, 2], [0, 0.5, 2, 1]));
        InputException error = Assert.Throws<InputException>(() => options.Load(folder.Root, 1));
        Assert.Equal((folder.At("x_test.npy"), "record 2", "the value 2"), (error.File, error.Place, error.Found));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_Points_StayFloats(bool fortran)
    {
        using TemporaryFolder folder = new();
        folder.Write("x.npy", ArrayFile.Npy(">f8", [4, 3], [.. Enumerable.Range(0, 12).Select(i => i - 5.25)], fortran));
        folder.Write("l.npy", ArrayFile.Npy("<i8", [4], [-1, 1, 7, 1]));

        DataSplits splits = new NumpyOptions { Path = "x.npy", LabelsPath = "l.npy", Positive = "1", Negative = "-1", Layout = ArrayLayout.Nd, TestShare = 0, Bounds = [-6, 6] }.Load(folder.Root, 1);

        Assert.Equal([-5.25f, -4.25f, -3.25f, -2.25f, -1.25f, -0.25f, 3.75f, 4.75f, 5.75f], splits.Train.Features!);
        Assert.Equal((-6f, 6f), (splits.Train.Low, splits.Train.High));
        Assert.Equal([-1, 1, 1], splits.Train.Labels.Select(label => (int)label));
    }

    [Fact]
    public void Load_DamagedArrays_NameFileAndArray()
    {
        using TemporaryFolder folder = new();
        byte[] good = ArrayFile.Npy("|u1", [4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
        byte[] labels = ArrayFile.Npy("<i8", [4], [0, 1, 0, 1]);
        Expect("header", "elements of the type |V1", ArrayFile.Npy("|u1", [4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]).Replaced("|u1", "|V1"), labels);
        Expect("", "138 bytes", [.. good, 1, 2], labels);
        Expect("", $"{good.Length - 1} bytes", good[..^1], labels);
        Expect("byte 0", "the file is empty", [], labels);
        Expect("byte 0", "no header of NumPy's array files", [.. "PK\u0003\u0004 and more"u8], labels);
        Expect("header", "the file ends within the header", good[..40], labels);
        Expect("header", "samples of no elements, or of too many", ArrayFile.Npy("|u1", [4, 0], []), labels);
        Expect("header", "samples of no elements, or of too many", good.Replaced("(4, 1, 2), }", "(4, 60000, 60000), }"), labels);
        Expect("", "an array of the shape (4, 1, 3, 3)", ArrayFile.Npy("|u1", [4, 1, 3, 3], new double[36]), labels);
        Expect("header", "the shape (3)", good, ArrayFile.Npy("<i8", [3], [0, 1, 0]));
        Expect("record 2", "the label 0.5", good, ArrayFile.Npy("<f8", [4], [0, 0.5, 0, 1]));
        Expect("record 3", "the value NaN", ArrayFile.Npy("<f4", [4, 1, 2], [1, 2, 3, 4, 5, double.NaN, 7, 8]), labels);

        void Expect(string place, string found, byte[] x, byte[] y)
        {
            folder.Write("x.npy", x);
            folder.Write("y.npy", y);
            InputException error = Assert.Throws<InputException>(() => new NumpyOptions { Path = ".", Positive = "1", Negative = "0", TestShare = 0 }.Load(folder.Root, 1));
            Assert.Equal((place, found), (error.Place, error.Found));
            Assert.StartsWith(folder.Root, error.File, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_DamagedArchive_IsRefusedWhereverItIsCut()
    {
        using TemporaryFolder folder = new();
        byte[] good = ArrayFile.Npz(true, ("x", ArrayFile.Npy("|u1", [4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8])), ("y", ArrayFile.Npy("<i8", [4], [0, 1, 0, 1])));
        NumpyOptions options = new() { Path = "d.npz", Positive = "1", Negative = "0", TestShare = 0 };
        for (int length = 0; length < good.Length; length += 3)
        {
            folder.Write("d.npz", good[..length]);
            Assert.Throws<InputException>(() => options.Load(folder.Root, 1));
        }

        folder.Write("d.npz", ArrayFile.Npz(true, ("x_train", good)));
        Assert.Equal("no array y_train beside x_train", Assert.Throws<InputException>(() => options.Load(folder.Root, 1)).Found);
        Assert.Equal("\"2\", which is no class", Other().Found);

        InputException Other()
        {
            folder.Write("d.npz", good);
            return Assert.Throws<InputException>(() => (options with { Positive = "2" }).Load(folder.Root, 1));
        }
    }
}

file static class Bytes
{
    /// <summary>The same with one text in place of another; the header's padding takes up the difference.</summary>
    public static byte[] Replaced(this byte[] bytes, string from, string to)
    {
        string text = System.Text.Encoding.Latin1.GetString(bytes);
        return System.Text.Encoding.Latin1.GetBytes(text.Replace(from + new string(' ', to.Length - from.Length), to, StringComparison.Ordinal));
    }
}
