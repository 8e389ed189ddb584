
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
    public void Of_ScoresAndLabels_SignsAndShiftsThem()
    {
        MarginSummary summary = MarginSummary.Of([3f, -1f, 0.5f], [1, -1, -1], threshold: 1);
        Assert.Equal(0.5, summary.Smallest);
        Assert.Equal(2, summary.P50);
        Assert.Equal(1.5, summary.Mean, 1e-15);
    }

    [Fact]
    public void Of_BadInput_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MarginSummary.Of([]));
        Assert.Throws<ArgumentException>(() => MarginSummary.Of([1, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MarginSummary.Quantile([1], 1.5));
    }

    [Fact]
    public void Smallest_LinearModel_IsTheDistanceToTheBoundary()
    {
        // 3x + 4y − 5 = 0 is 1 away from the origin and 2 away from (3, 1.5).
        double margin = LinearMargin.Smallest([3f, 1.5f, 0f, 0f], [1, -1], [3f, 4f], -5);
        Assert.Equal(1, margin, 1e-12);
        Assert.Equal(-2, LinearMargin.Smallest([3f, 1.5f, 0f, 0f], [-1, -1], [3f, 4f], -5), 1e-12);
        Assert.Equal(0, LinearMargin.Smallest([1.0], [1], [0.0]));
    }
}
