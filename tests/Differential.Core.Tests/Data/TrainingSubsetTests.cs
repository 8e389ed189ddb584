using Differential.Core.Data;

namespace Differential.Core.Tests.Data;

/// <summary>Class counts, imbalance and held-out samples, which every kind of data takes.</summary>
public class TrainingSubsetTests
{
    private static readonly ShapesOptions Shapes = new() { Count = 200, Size = 8 };

    private static DataSplits Load(DataOptions data, long seed = 1) => data.LoadAll(new PathPolicy("/"), seed);

    [Fact]
    public void LoadAll_Imbalance_KeepsTheFirstClassAndASharedPartOfTheLast()
    {
        DataSplits all = Load(Shapes);
        DataSplits uneven = Load(Shapes with { Imbalance = 20 });
        Assert.Equal([100, 100], all.Train.CountClasses());
        Assert.Equal([100, 5], uneven.Train.CountClasses());
        Assert.Equal(all.Test.Pixels, uneven.Test.Pixels);
        Assert.Equal(uneven.Train.Pixels, Load(Shapes with { Imbalance = 20 }).Train.Pixels);
        Assert.NotEqual(Kept(all, uneven), Kept(Load(Shapes, 2), Load(Shapes with { Imbalance = 20 }, 2)));
        Assert.Null(uneven.Validation);
        Assert.Equal(all.Names, uneven.Names);
    }

    [Theory]
    [InlineData(4, 100.0, new[] { 100, 22, 5, 1 })]
    [InlineData(4, 1.0, new[] { 100, 100, 100, 100 })]
    [InlineData(3, 4.0, new[] { 100, 50, 25 })]
    public void LoadAll_ImbalanceOfSeveralClasses_FallsGeometrically(int classes, double imbalance, int[] expected) =>
        Assert.Equal(expected, Load(new ShapesOptions { Count = 100 * classes, Size = 8, Classes = classes, Imbalance = imbalance }).Train.CountClasses());

    [Fact]
    public void LoadAll_ClassCounts_KeepsTheOthersWhole()
    {
        Assert.Equal([100, 7], Load(Shapes with { ClassCounts = new([new("Cross", 7)]) }).Train.CountClasses());
        Assert.Equal([3, 7], Load(Shapes with { ClassCounts = new([new("cross", 7), new("disc", 3)]) }).Train.CountClasses());
    }

    [Fact]
    public void LoadAll_Validation_TakesItsShareOfEachClassBeforeTheCounts()
    {
        DataSplits all = Load(Shapes);
        DataSplits held = Load(Shapes with { Validation = new(0.2) });
        DataSplits uneven = Load(Shapes with { Validation = new(0.2), Imbalance = 20 });
        Assert.Equal([20, 20], held.Validation!.CountClasses());
        Assert.Equal([80, 80], held.Train.CountClasses());
        Assert.Equal([80, 4], uneven.Train.CountClasses());
        Assert.Equal(held.Validation.Pixels, uneven.Validation!.Pixels);
        Assert.Equal(Rows(all.Train).Order(), Rows(held.Train).Concat(Rows(held.Validation)).Order());
        Assert.Equal(all.Test.Pixels, held.Test.Pixels);
    }

    [Fact]
    public void LoadAll_NoTestSet_TheKeptTrainingSamplesStandForIt()
    {
        DataSplits splits = Load(new AffineOptions { Points = 20, Validation = new(0.25), Imbalance = 3 });
        Assert.False(splits.HasTest);
        Assert.Equal([15, 5], splits.Train.CountClasses());
        Assert.Equal([5, 5], splits.Validation!.CountClasses());
    }

    [Fact]
    public void LoadAll_ValidationPath_ReadsIt()
    {
        using var folder = new TemporaryFolder();
        string train = Path.Combine(folder.Root, "train.csv");
        string held = Path.Combine(folder.Root, "held.csv");
        string wide = Path.Combine(folder.Root, "wide.csv");
        File.WriteAllText(train, "1,0.5,2\n-1,0.25,1\n");
        File.WriteAllText(held, "1,8,9\n-1,6,7\n-1,4,5\n");
        File.WriteAllText(wide, "1,8,9,1\n-1,6,7,1\n");
        var options = new PointsOptions { Path = train, Validation = new(held) };
        DataSplits splits = Load(options);
        Assert.Equal([8f, 9, 6, 7, 4, 5], splits.Validation!.Features!);
        Assert.Equal(2, splits.Train.Count);
        InputException mistake = Assert.Throws<InputException>(() => Load(options with { Validation = new(wide) }));
        Assert.Equal("$.data.validation", mistake.Place);
        var mapped = (PointsOptions)options.MapAllPaths((place, path) => place + path);
        Assert.Equal("$.data.validation" + held, mapped.Validation!.Path);
    }

    [Fact]
    public void LoadAll_WhatThereIsNot_NamesThePlace()
    {
        Check("$.data.classCounts", "disc, cross", new([new("square", 1)]));
        Check("$.data.classCounts.cross", "at most 100", new([new("cross", 101)]));
        InputException alone = Assert.Throws<InputException>(() => Load(new AffineOptions { Points = 1, Validation = new(0.5) }));
        Assert.Equal("$.data.validation", alone.Place);

        static void Check(string place, string allowed, ClassCounts counts)
        {
            InputException mistake = Assert.Throws<InputException>(() => Load(Shapes with { ClassCounts = counts }));
            Assert.Equal(place, mistake.Place);
            Assert.Contains(allowed, mistake.Allowed, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Rows(Dataset data) => data.Pixels!.Chunk(data.SampleShape.Length).Select(Convert.ToHexString);

    private static int[] Kept(DataSplits all, DataSplits some)
    {
        string[] rows = [.. Rows(all.Train)];
        return [.. Rows(some.Train).Select(row => Array.IndexOf(rows, row))];
    }
}
