using System.Globalization;
using Differential.Core.Data;
using Differential.Core.Tests.Theory;

namespace Differential.Core.Tests.Data;

public sealed class AffineDatasetTests
{
    [SkippableFact]
    public void Generate_DefaultSeed_EqualsReferenceFile()
    {
        string[] lines = [.. File.ReadLines(ReferenceData.AffinePath()).Where(line => line.Length > 0 && line[0] != '#')];
        LabeledPoints points = new AffineDataset().Generate();
        Assert.Equal(lines.Length, points.Count);
        for (int i = 0; i < lines.Length; i++)
        {
            double[] row = [.. lines[i].Split(',').Select(field => double.Parse(field, CultureInfo.InvariantCulture))];
            Assert.Equal(row[0], points.Labels[i]);
            Assert.Equal(row[1..], points.Points[i]);
        }
    }

    [Fact]
    public void Generate_FirstRow_FollowsTheFormula()
    {
        // state 12345 gives ((1103515245·12345 + 12345) mod 2³¹) / 2³¹ as its first draw.
        double first = ((1103515245L * 12345) + 12345) % 2147483648L / 2147483648.0;
        LabeledPoints points = new AffineDataset(Free: 1, Constant: 2, PointsPerClass: 1, Center: 7, Offset: -2).Generate();
        Assert.Equal([7.5 + first, -2, -2], points.Points[0]);
        Assert.Equal([1, -1], points.Labels);
        Assert.InRange(points.Points[1][0], 5.5, 6.5);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Generate_AnySeed_KeepsTheClassesApart(long seed)
    {
        LabeledPoints points = new AffineDataset(Seed: seed).Generate();
        Assert.All(points.Positive, point => Assert.InRange(point[0], 3.5, 4.5));
        Assert.All(points.Negative, point => Assert.InRange(point[0], 1.5, 2.5));
        Assert.All(points.Points, point => Assert.All(point[1..5], value => Assert.InRange(value, -2, 2)));
    }

    [Fact]
    public void LabeledPoints_BadInput_IsRefused()
    {
        double[][] two = [[1], [2]];
        Assert.Throws<ArgumentException>(() => new LabeledPoints(two, [1]));
        Assert.Throws<ArgumentException>(() => new LabeledPoints(two, [1, 1]));
        Assert.Throws<ArgumentException>(() => new LabeledPoints(two, [1, 0]));
        Assert.Throws<ArgumentException>(() => new LabeledPoints([[1], [double.NaN]], [1, -1]));
        Assert.Throws<ArgumentException>(() => new LabeledPoints([[1], [1, 2]], [1, -1]));
    }
}
