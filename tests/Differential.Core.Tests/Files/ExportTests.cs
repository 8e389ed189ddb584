using System.Globalization;
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Files;

public class ExportTests
{
    [Fact]
    public void AdversarialFile_Images_AreChannelsFirstBesideIndicesAndLabels()
    {
        float[] stored = [.. Enumerable.Range(0, 2 * 2 * 3 * 2).Select(i => (float)i)];
        float[][] found = [stored[..12], stored[12..]];
        var images = Dataset.OfImages(new Shape(2, 3, 2), [.. Enumerable.Repeat((sbyte)1, 10)], new byte[10 * 12]);
        AdversarialSplit split = new("test", images, Attacked(
            [new(4, 1, 1), new(9, -1, 1)], Attack("pgd", AttackNorm.L2, 0.25, found), Attack("pgd", AttackNorm.L2, 0.25, found), Attack("deepFool", AttackNorm.Linf, null, found)));
        using TemporaryFolder folder = new();
        AdversarialFile.Write(folder.At("a"), [split, new AdversarialSplit("train", images, Attacked([]))]);

        SafetensorsContent content = SafetensorsFile.Read(folder.At("a"));

        Assert.Equal(["test.pgd.l2.0.25", "test.pgd.l2.0.25#2", "test.deepFool.linf"], content.Tensors.Select(tensor => tensor.Name));
        Assert.All(content.Tensors, tensor => Assert.Equal(new Shape(2, 2, 2, 3), tensor.Shape));
        Assert.Equal([0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11, 12, 14, 16, 18, 20, 22, 13, 15, 17, 19, 21, 23], content.Tensors[0].Values);
        Assert.Equal(["test.indices", "test.labels"], content.Integers.Select(tensor => tensor.Name));
        Assert.Equal([4L, 9], content.Integers[0].Values);
        Assert.Equal([1L, -1], content.Integers[1].Values);
    }

    [Fact]
    public void AdversarialFile_Points_KeepTheirOrder() =>
        Assert.Equal([1, 2, 3], Written(Attack("fgsm", AttackNorm.Linf, 0.5, [1f, 2, 3])));

    [Fact]
    public void AdversarialFile_ASampleThatDidNotFlip_IsThereUnchanged() =>
        Assert.Equal([7, 8, 9], Written(Attack("fgsm", AttackNorm.Linf, 0.5, [null])));

    [Fact]
    public void AdversarialFile_InputsThatWereNotKept_AreRefused() => Assert.Throws<ArgumentException>(() =>
        Written(Attack("fgsm", AttackNorm.L2, 1, [null]) with { Adversarial = null }));

    [Fact]
    public void SamplesCsv_OnePart_IsTheContractsTable()
    {
        using StringWriter writer = new(CultureInfo.InvariantCulture);
        SamplesCsv.Write(writer, [new SamplesPart
        {
            Indices = [3, 1],
            Labels = [1, -1],
            CleanScores = [1f / 3, -1e-20f],
            Columns = [SampleColumn.OfFlips("pgd.l2.0.5", [true, false]), SampleColumn.OfDistances("deepFool.l2", [0.1f, float.PositiveInfinity])],
        }]);

        Assert.Equal("index,label,cleanScore,pgd.l2.0.5,deepFool.l2\r\n3,1,0.33333334,1,0.1\r\n1,-1,-1E-20,0,\r\n", writer.ToString());
    }

    [Fact]
    public void SamplesCsv_SeveralParts_NameModelAndSplitAndQuoteThem()
    {
        using TemporaryFolder folder = new();
        SamplesPart part = new() { Indices = [0], Labels = [1], CleanScores = [2], Columns = [], Split = "test" };
        SamplesCsv.Write(folder.At("s.csv"), [part with { Model = "a, \"b\"" }, part with { Model = "c" }]);

        Assert.Equal("model,split,index,label,cleanScore\r\n\"a, \"\"b\"\"\",test,0,1,2\r\nc,test,0,1,2\r\n", File.ReadAllText(folder.At("s.csv")));
    }

    [Fact]
    public void SamplesCsv_ColumnsThatDiffer_AreRefused()
    {
        SamplesPart part = new() { Indices = [0], Labels = [1], CleanScores = [2], Columns = [SampleColumn.OfFlips("a", [true])] };

        Assert.Throws<ArgumentException>(() => SamplesCsv.Write(TextWriter.Null, [part, part with { Columns = [SampleColumn.OfFlips("b", [true])] }]));
        Assert.Throws<ArgumentException>(() => SamplesCsv.Write(TextWriter.Null, [part with { Columns = [SampleColumn.OfFlips("a", [])] }]));
    }

    private static float[] Written(AttackResult attack)
    {
        using MemoryStream stream = new();
        AdversarialFile.Write(stream, [new AdversarialSplit("train", Dataset.OfPoints(3, [1], [7, 8, 9]), Attacked([new(0, 1, 1)], attack))]);
        stream.Position = 0;
        NamedTensor tensor = SafetensorsFile.Read(stream, "a").Tensors.Single();
        Assert.Equal(new Shape(1, 3), tensor.Shape);
        return tensor.Values;
    }

    private static SplitAttackResult Attacked(AttackedSample[] samples, params AttackResult[] attacks) =>
        new() { Count = 10, Correct = samples.Length, Decisions = new SplitDecisions { Confusion = [[10, 0], [0, 0]], Counts = [10, 0] }, Samples = samples, Attacks = attacks };

    private static AttackResult Attack(string kind, AttackNorm norm, double? epsilon, params float[]?[] found) => new()
    {
        Kind = kind,
        Norm = norm,
        Epsilon = epsilon,
        Flipped = [.. found.Select(input => input is not null)],
        FlippedCount = found.Count(input => input is not null),
        Counters = default,
        Adversarial = found,
    };
}
