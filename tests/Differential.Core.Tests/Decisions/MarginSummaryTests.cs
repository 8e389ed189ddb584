
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Decisions;

public sealed class MarginSummaryTests
{
    [Fact]
    public void Of_HundredAndOneValues_HasExactQuantiles()
    {
        MarginSummary summary = MarginSummary.Of([.. Enumerable.Range(0, 101).Select(i => (double)(100 - i))]);
        Assert.Equal(new MarginSummary(101, 0, 1, 5, 25, 50, 75, 95, 50), summary);
    }

    [Fact]
    public void Of_FewValues_Interpolates()
    {
        MarginSummary summary = MarginSummary.Of([4, 0]);
        Assert.Equal((0, 1, 2, 3), (summary.Smallest, summary.P25, summary.P50, summary.P75));
        Assert.Equal(0.04, summary.P01, 1e-15);
    }

    [Fact]
    public void Of_BadInput_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MarginSummary.Of([]));
        Assert.Throws<ArgumentException>(() => MarginSummary.Of([1, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MarginSummary.Quantile([1], 1.5));
    }
}
