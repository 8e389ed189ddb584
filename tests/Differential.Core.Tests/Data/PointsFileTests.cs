using System.Text;
using Differential.Core.Data;

namespace Differential.Core.Tests.Data;

public class PointsFileTests
{
    [Theory]
    [InlineData("1,2,3\n-1,4,5\n")]
    [InlineData("1,2,3\n-1,4,5")]
    [InlineData("\uFEFF+1.0 , 2 ,3\r\n\r\n# a comment, 3\r\n-1.0,4e0,5.0\r\n\r\n")]
    public void Load_ToleratedForms_GiveTheSamePoints(string text)
    {
        using TemporaryFolder folder = new();
        folder.Write("p.csv", text);

        DataSplits splits = new PointsOptions { Path = "p.csv" }.Load(folder.Root, 1);

        Assert.Equal([2f, 3, 4, 5], splits.Train.Features!);
        Assert.Equal([1, -1], splits.Train.Labels.Select(label => (int)label));
        Assert.Same(splits.Train, splits.Test);
    }

    [Theory]
    [InlineData("label,a,b\n1,2,3\n-1,4,5\n", "+1", "-1")]
    [InlineData("1;2;3\r\n0;4;5\r\n", "1", "0")]
    [InlineData("1\t2\t3\n0.0\t4\t5\n", "1", "0")]
    [InlineData("\"Class\";\"a; or so\";\"b\"\n\"1\";\"2\";3\n\"0\";4;\" 5 \"\n", "1", "0")]
    [InlineData("a,b,target\n2,3,+1\n4,5,-1\n", "+1", "-1")]
    public void Load_RecognisedForms_GiveTheSamePoints(string text, string positive, string negative)
    {
        using TemporaryFolder folder = new();
        folder.Write("p.csv", text);

        DataSplits splits = new PointsOptions { Path = "p.csv" }.Load(folder.Root, 1);

        Assert.Equal([2f, 3, 4, 5], splits.Train.Features!);
        Assert.Equal([1, -1], splits.Train.Labels.Select(label => (int)label));
        Assert.Equal([positive, negative], splits.Names);
    }

    [Fact]
    public void Load_NamedLabels_TakeThoseThatTheJobNames()
    {
        using TemporaryFolder folder = new();
        folder.Write("p.csv", "species,x\n\"a \"\"cat\"\"\",1\ndog,2\ncow,3\n7.0,4\ndog,5\n");

        DataSplits pair = new PointsOptions { Path = "p.csv", Positive = "dog", Negative = "a \"cat\"" }.Load(folder.Root, 1);
        DataSplits three = new PointsOptions { Path = "p.csv", Classes = new PointClasses(3, [new("cow"), new("7"), new("dog")]) }.Load(folder.Root, 1);

        Assert.Equal([1f, 2, 5], pair.Train.Features!);
        Assert.Equal([-1, 1, 1], pair.Train.Labels.Select(label => (int)label));
        Assert.Equal([2f, 3, 4, 5], three.Train.Features!);
        Assert.Equal([2, 0, 1, 2], three.Train.Labels.Select(label => (int)label));
        Assert.Equal(["cow", "7", "dog"], three.Names);
        InputException error = Assert.Throws<InputException>(() => new PointsOptions { Path = "p.csv", Positive = "dog", Negative = "pig" }.Load(folder.Root, 1));
        Assert.Equal("no points of the label pig", error.Found);
        Assert.Contains("cow, 7.0", error.Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TestFile_KeepsTheTrainingFilesConvention()
    {
        using TemporaryFolder folder = new();
        folder.Write("p.csv", "1,2\n0,3\n");
        string test = folder.Write("t.csv", "1,2\n-1,3\n");

        InputException error = Assert.Throws<InputException>(() => new PointsOptions { Path = "p.csv", TestPath = "t.csv" }.Load(folder.Root, 1));
        Assert.Equal((test, "line 2, column 1"), (error.File, error.Place));
    }

    [Fact]
    public void Load_Bounds_AreTheBoxOfAttacks()
    {
        using TemporaryFolder folder = new();
        folder.Write("p.csv", "1,-2,3\n-1,4,5\n");
        PointsOptions options = new() { Path = "p.csv", Bounds = [-2, 5] };

        Dataset train = options.Load(folder.Root, 1).Train;

        Assert.Equal((-2f, 5f), (train.Low, train.High));
        Assert.Equal((-2f, 5f), (train.Select([1]).Low, train.Select([1]).High));
        Assert.Equal("line 2, column 3", Assert.Throws<InputException>(() => (options with { Bounds = [-2, 4.5] }).Load(folder.Root, 1)).Place);
    }

    [Fact]
    public void Load_SeveralClasses_LabelsAreTheirNumbers()
    {
        using TemporaryFolder folder = new();
        folder.Write("p.csv", "2,1\n0,2\n1.0,3\n2,4\n");
        folder.Write("few.csv", "2,1\n0,2\n");
        folder.Write("beyond.csv", "2,1\n3,2\n");
        folder.Write("signed.csv", "2,1\n-1,2\n");

        DataSplits splits = Load("p.csv");

        Assert.Equal([2, 0, 1, 2], splits.Train.Labels.Select(label => (int)label));
        Assert.Equal((3, 3), (splits.Train.Classes, splits.Train.Scores));
        Assert.Equal(["0", "1", "2"], splits.Names);
        Assert.Equal("no points of the label 1", Assert.Throws<InputException>(() => Load("few.csv")).Found);
        Assert.Equal("a whole number from 0 to 2", Assert.Throws<InputException>(() => Load("beyond.csv")).Allowed);
        Assert.Equal("line 2, column 1", Assert.Throws<InputException>(() => Load("signed.csv")).Place);

        DataSplits Load(string file) => new PointsOptions { Path = file, Classes = 3 }.Load(folder.Root, 1);
    }

    [Fact]
    public void Load_Float32Text_ReadsBackToTheBit()
    {
        using TemporaryFolder folder = new();
        RandomStream random = new(3, "points");
        float[] values = [.. Enumerable.Range(0, 30_000).Select(_ => BitConverter.Int32BitsToSingle(random.NextInt32(0x7F800000)))];
        StringBuilder text = new();
        for (int i = 0; i < values.Length; i += 3)
        {
            text.Append(i % 2 == 0 ? "1" : "-1").AppendJoin(string.Empty, values[i..(i + 3)].Select(value => FormattableString.Invariant($",{value:R}"))).Append('\n');
        }

        folder.Write("p.csv", text.ToString());

        Assert.Equal(values, new PointsOptions { Path = "p.csv" }.Load(folder.Root, 1).Train.Features);
    }

    public static TheoryData<string, string, string> BadFiles => new()
    {
        { "", "", "no points" },
        { "# only\n\n", "", "no points" },
        { "1,2\n1,3\n", "", "only points of the label +1" },
        { "-1,2\n", "", "only points of the label -1" },
        { "1,2\n# c\n\n2,3\n", "line 4, column 1", "the label \"2\"" },
        { "1,2\n,3\n", "line 2, column 1", "the label \"\"" },
        { "1\n-1\n", "line 1", "0 features" },
        { "1,2,3\n-1,2\n", "line 2", "1 features" },
        { "1,2\n-1,2,3\n", "line 2", "2 features" },
        { "1,2\n-1,\n", "line 2, column 2", "\"\", which is no number" },
        { "1,2,\n-1,2,\n", "line 1, column 3", "\"\", which is no number" },
        { "1,2\n-1,x\n", "line 2, column 2", "\"x\", which is no number" },
        { "1,2\n-1,1.5.2\n", "line 2, column 2", "\"1.5.2\", which is no number" },
        { "1,NaN\n-1,2\n", "line 1, column 2", "\"NaN\"" },
        { "1,2\n-1,Infinity\n", "line 2, column 2", "\"Infinity\"" },
        { "1,2\n-1,-Infinity\n", "line 2, column 2", "\"-Infinity\"" },
        { "1,2\n-1,3.5e38\n", "line 2, column 2", "\"3.5e38\", beyond the range of float32" },
        { "1,2\n-1,-1e999\n", "line 2, column 2", "\"-1e999\", beyond the range of float32" },
        { "label,x\n1,2\n", "", "only points of the label +1" },
        { "label,x\n0,2\n", "", "only points of the label 0" },
        { "1,2\n0,3\n-1,4\n", "line 2, column 1", "the label \"0\"" },
        { "1,2\n0,3\n2,4\n", "line 3, column 1", "the label \"2\"" },
        { "cat,2\ndog,3\n", "line 1, column 1", "the label \"cat\"" },
        { "1;2,5\n-1;3\n", "line 1, column 2", "\"2,5\", which is no number" },
        { "1,\"2\n-1,3\n", "line 1, column 2", "a quote that is not closed on its line" },
        { "1,\"2\"3\n-1,3\n", "line 1, column 2", "text after a closing quote" },
        { "x,label\n1,1\n2\n", "line 3", "no label" },
        { "1 2 3\n-1 2 3\n", "line 1", "0 features" },
        { "1,2\r-1,3", "line 1, column 2", "\"2?-1\", which is no number" },
        { "1,2\n-1,\0\u0001é\n", "line 2, column 2", "\"????\", which is no number" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void Load_BadFile_NamesFileAndLine(string text, string place, string found)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("p.csv", text);

        InputException error = Assert.Throws<InputException>(() => new PointsOptions { Path = "p.csv" }.Load(folder.Root, 1));

        Assert.Equal((file, place, found), (error.File, error.Place, error.Found));
    }

    [Fact]
    public void Load_MissingFileOrFolder_SaysSo()
    {
        using TemporaryFolder folder = new();
        InputException missing = Assert.Throws<InputException>(() => new PointsOptions { Path = "none.csv" }.Load(folder.Root, 1));
        Assert.Equal((folder.At("none.csv"), "there is no such file"), (missing.File, missing.Found));
        Assert.Equal("it is a folder", Assert.Throws<InputException>(() => new PointsOptions { Path = "." }.Load(folder.Root, 1)).Found);
    }

    [Fact]
    public void Load_TestFileOfOtherWidth_NamesItsLine()
    {
        using TemporaryFolder folder = new();
        folder.Write("p.csv", "1,2\n-1,3\n");
        string test = folder.Write("t.csv", "1,2,3\n-1,3,4\n");

        InputException error = Assert.Throws<InputException>(() => new PointsOptions { Path = "p.csv", TestPath = "t.csv" }.Load(folder.Root, 1));
        Assert.Equal((test, "line 1", "2 features"), (error.File, error.Place, error.Found));
    }

    [Fact]
    public void Load_EndlessLineAndTooManyColumns_AreRefused()
    {
        using TemporaryFolder folder = new();
        folder.Write("long.csv", new byte[5 << 20].Select(_ => (byte)'1').ToArray());
        folder.Write("wide.csv", "1" + string.Concat(Enumerable.Repeat(",1", 100_001)));

        InputException line = Assert.Throws<InputException>(() => new PointsOptions { Path = "long.csv" }.Load(folder.Root, 1));
        Assert.Equal(("line 1", "a line of more than 4194304 bytes"), (line.Place, line.Found));
        InputException wide = Assert.Throws<InputException>(() => new PointsOptions { Path = "wide.csv" }.Load(folder.Root, 1));
        Assert.Equal(("line 1, column 100002", "too many columns"), (wide.Place, wide.Found));
    }
}
