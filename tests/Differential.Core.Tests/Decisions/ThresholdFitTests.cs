
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Decisions;

public sealed class ThresholdFitTests
{
    /// <summary>Scores, labels, threshold, errors.</summary>
    public static TheoryData<double[], sbyte[], double, int> Cases => new()
    {
        { [3, 1, -1, -2], [1, 1, -1, -1], 0, 0 },
        { [5, 4], [1, -1], 4.5, 0 },
        { [4, 5], [1, -1], 3.5, 1 }, // Gaps below 4 and above 5 are equally good: the lower.
        { [1, 2, 3, 4, 5], [-1, 1, -1, 1, 1], 1.5, 1 }, // 1.5 and 3.5 both err once: the lower of two.
        { [1, 2, 3, 4, 5, 6], [-1, 1, -1, 1, -1, 1], 3.5, 2 }, // 1.5, 3.5 and 5.5: the middle.
        { [2, 2, 2, 2], [1, 1, 1, -1], 1.5, 1 },
        { [2, 2, 1, 3], [1, -1, -1, 1], 1.5, 1 }, // The tie at 2 cannot be split.
        { [1, 2], [1, 1], 0.5, 0 },
        { [1, 2], [-1, -1], 2.5, 0 },
        { [7], [1], 6.5, 0 },
        { [-1e300, 1e300], [-1, 1], 0, 0 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_Scores_GivesTheMiddleOfTheBestThresholds(double[] scores, sbyte[] labels, double threshold, int errors)
    {
        FittedThreshold fitted = ThresholdFit.Fit<double>(scores, labels);
        Assert.Equal(threshold, fitted.Threshold);
        Assert.Equal(errors, fitted.Errors);
        Assert.Equal(errors, Errors(scores, labels, fitted.Threshold));
    }

    [Fact]
    public void Fit_RandomScores_HasTheFewestErrorsOfAllThresholds()
    {
        Random random = new(1);
        for (int round = 0; round < 200; round++)
        {
            int count = random.Next(1, 30);
            double[] scores = [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(-6, 7))];
            sbyte[] labels = [.. scores.Select(score => (sbyte)(score + random.Next(-4, 5) > 0 ? 1 : -1))];
            FittedThreshold fitted = ThresholdFit.Fit<double>(scores, labels);
            int fewest = Enumerable.Range(-8, 17).Min(t => Errors(scores, labels, t + 0.5));
            Assert.Equal(fewest, fitted.Errors);
            Assert.Equal(fewest, Errors(scores, labels, fitted.Threshold));
        }
    }

    [Fact]
    public void Fit_NeighbouringFloats_StillSeparate()
    {
        float low = 1;
        float high = float.BitIncrement(low);
        FittedThreshold fitted = ThresholdFit.Fit<float>([high, low], [1, -1]);
        Assert.Equal(0, fitted.Errors);
        Assert.True(high > fitted.Threshold && low <= fitted.Threshold);
        double next = double.BitIncrement(1.0);
        Assert.Equal(1.0, ThresholdFit.Fit<double>([next, 1.0], [1, -1]).Threshold);
    }

    [Fact]
    public void Fit_BadInput_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdFit.Fit<float>([], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdFit.Fit<float>([1], [1, -1]));
        Assert.Throws<ArgumentException>(() => ThresholdFit.Fit<float>([1, float.NaN], [1, -1]));
    }

    private static int Errors(double[] scores, sbyte[] labels, double threshold)
        => scores.Where((score, i) => (score > threshold) != (labels[i] > 0)).Count();
}
