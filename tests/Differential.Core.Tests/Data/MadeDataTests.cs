using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Data;

public class MadeDataTests
{
    [Fact]
    public void Shapes_SameSeed_GivesTheSameImagesAndAnotherSeedOthers()
    {
        ShapesOptions options = new() { Count = 41, Size = 11, Noise = 0.05 };
        DataSplits first = options.Load(".", 5);

        Assert.Equal(first.Train.Pixels, options.Load(".", 5).Train.Pixels);
        Assert.NotEqual(first.Train.Pixels, options.Load(".", 6).Train.Pixels);
        Assert.NotEqual(first.Train.Pixels![..363], first.Test.Pixels![..363]);
        Assert.Equal((41, 10), (first.Train.Count, first.Test.Count));
        Assert.Equal(21, first.Train.Labels.Count(label => label > 0));
        Assert.Equal(new Shape(11, 11, 3), first.Train.SampleShape);
        Assert.Equal(("disc", "cross"), (first.Positive, first.Negative));
    }

    [Fact]
    public void Shapes_MoreImages_BeginWithTheSameOnes()
    {
        byte[] few = new ShapesOptions { Count = 8 }.Load(".", 5).Train.Pixels!;
        byte[] more = new ShapesOptions { Count = 16 }.Load(".", 5).Train.Pixels!;

        Assert.Equal(few, more[..few.Length]);
    }

    /// <summary>Neither class is the lighter one: the mean pixel tells nothing.</summary>
    [Fact]
    public void Shapes_ClassMeans_AreLevel()
    {
        Dataset data = new ShapesOptions { Count = 2000 }.Load(".", 1).Train;
        double[] positive = data.Select([.. Enumerable.Range(0, 1000).Select(i => 2 * i)]).ChannelMeans();
        double[] negative = data.Select([.. Enumerable.Range(0, 1000).Select(i => (2 * i) + 1)]).ChannelMeans();

        Assert.All(positive.Zip(negative), pair => Assert.Equal(pair.First, pair.Second, 0.02));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public void Shapes_SeveralClasses_TakeTurnsAndAreDistinct(int classes)
    {
        DataSplits splits = new ShapesOptions { Count = 100, Size = 20, Noise = 0, Classes = classes }.Load(".", 5);

        Assert.Equal(classes, splits.Train.Classes);
        Assert.Equal(classes, splits.Train.Scores);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => i % classes), splits.Train.Labels.Select(label => (int)label));
        Assert.Equal(classes, splits.Names.Distinct().Count());
        Assert.Equal(["disc", "cross", "square"], splits.Names.Take(3));
    }

    /// <summary>No shape is empty, fills its circle, or is another one's twin: the outlines differ on a grid of points.</summary>
    [Fact]
    public void ShapeOutlines_OfAllShapes_Differ()
    {
        string[] masks = [.. Enumerable.Range(0, 10).Select(number => string.Concat(
            Enumerable.Range(0, 441).Select(i => ShapeOutline.Distance(number, (i % 21) - 10, (i / 21) - 10, 9) < 0 ? '1' : '0')))];

        Assert.All(masks, mask => Assert.InRange(mask.Count(c => c == '1'), 60, 300));
        for (int a = 0; a < masks.Length; a++)
        {
            for (int b = 0; b < a; b++)
            {
                Assert.True(masks[a].Zip(masks[b]).Count(pair => pair.First != pair.Second) > 40, $"{a} and {b}");
            }
        }
    }

    [Fact]
    public void Shapes_TwoClassesByNumber_AreTheUsualOnes() => Assert.Equal(
        new ShapesOptions { Count = 16 }.Load(".", 5).Train.Pixels,
        new ShapesOptions { Count = 16, Classes = 2 }.Load(".", 5).Train.Pixels);

    /// <summary>The first rows of the reference data (seed 12345, offset 0.15, center 3), computed in Python with exact integers.</summary>
    [Fact]
    public void Affine_ReferenceSeed_GivesTheReferencePoints()
    {
        DataSplits splits = new AffineOptions().Load(".", 12345);

        Assert.Equal((40, 50), (splits.Train.Count, splits.Train.SampleShape.Length));
        Assert.Equal([4.1551540484651923f, -0.7807427067309618f, 0.69984253495931625f, -1.572926064953208f, 0.066297788172960281f, 0.15f], splits.Train.Features![..6]);
        Assert.Equal(20, splits.Train.Labels.TakeWhile(label => label > 0).Count());
        Assert.Same(splits.Train, splits.Test);
    }

    public static TheoryData<DataOptions, string> TooLarge => new()
    {
        { new AffineOptions { Points = 100_000, Constant = 100_000 }, "$.data.points" },
        { new ShapesOptions { Count = 1_000_000, Size = 256 }, "$.data.count" },
    };

    [Theory]
    [MemberData(nameof(TooLarge))]
    public void Load_MoreThanMemoryHolds_IsRefusedFirst(DataOptions options, string place) =>
        Assert.Equal(("job.json", place), Assert.Throws<InputException>(() => options.Load(".", 1, "job.json")) is var error ? (error.File, error.Place) : default);
}
