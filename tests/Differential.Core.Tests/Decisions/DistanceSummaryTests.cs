
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Decisions;

public sealed class DistanceSummaryTests
{
    [Fact]
    public void From_AllFound_QuantilesInterpolate()
    {
        var summary = DistanceSummary.From([.. Enumerable.Range(0, 21).Select(i => (double?)(20 - i))]);
        Assert.Equal(new DistanceSummary(10, 10, 1, 5, 15, 19), summary);
        Assert.Equal(1.5, DistanceSummary.From([1, 2]).Median);
    }

    [Fact]
    public void From_SomeNotFound_TheyCountAsInfinitelyFar()
    {
        var summary = DistanceSummary.From([1, null, 3, null, 2]);
        Assert.Equal((3, 2, 2), (summary.Median, summary.Mean, summary.P25));
        Assert.Null(summary.P75);
        Assert.Null(summary.P95);
    }

    [Fact]
    public void From_NoneFound_AllNull() => Assert.Equal(new DistanceSummary(null, null, null, null, null, null) { NotFound = 2 }, DistanceSummary.From([null, null]));
}
