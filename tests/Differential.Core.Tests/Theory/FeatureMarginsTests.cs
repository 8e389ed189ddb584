using Differential.Core.Data;
using Differential.Core.Theory;

namespace Differential.Core.Tests.Theory;

public sealed class FeatureMarginsTests
{
    [Fact]
    public void Measure_TwoPointsOnALine_IsExact()
    {
        // At 4 and 2: γ = 1, the mean 3. Cross-entropy's limit has no other direction: its share is 1. A layer with its boundary at 2.5 has half of γ.
        FeatureMargins margins = FeatureMargins.Measure([[4f], [2f]], [1, -1], [2f], -5)!;
        Assert.Equal((2, 1, 3, 1, 0.5), (margins.Samples, Math.Round(margins.Gamma, 12), Math.Round(margins.MeanShare, 12), Math.Round(margins.LimitShare, 12), Math.Round(margins.TrainedShare, 12)));
    }

    [Theory]
    [InlineData(3, 0.552)]
    [InlineData(10, 0.196)]
    [InlineData(0, 1.0)]
    public void Measure_OfTheAffineData_IsTheTheorysLimit(double center, double ratio)
    {
        var data = new AffineOptions { Free = 5, Constant = 45, Points = 20, Center = center, Offset = 0.15 };
        LabeledPoints points = data.LoadPoints(new PathPolicy("/"), 12345, "job.json");
        SvmSolution svm = HardMarginSvm.Solve(points);
        float[][] features = [.. points.Points.Select(static point => point.Select(static value => (float)value).ToArray())];
        float[] weights = [.. svm.Separator.Weights.Select(static weight => (float)weight)];
        FeatureMargins margins = FeatureMargins.Measure(features, points.Labels, weights, svm.Separator.Bias)!;
        Assert.Equal(0.61997, margins.Gamma, 1e-4);
        Assert.Equal(ratio, margins.LimitShare, 1e-3);
        Assert.Equal(1, margins.TrainedShare, 1e-4);
        Assert.Equal(40, margins.Samples);
    }

    [Fact]
    public void Measure_WhatTheLayerGetsWrong_IsLeftOut()
    {
        FeatureMargins margins = FeatureMargins.Measure([[4f], [2f], [1f], [9f]], [1, -1, 1, -1], [1f], -3)!;
        Assert.Equal(2, margins.Samples);
        Assert.Equal(1, margins.Gamma, 12);
        Assert.Null(FeatureMargins.Measure([[4f], [5f]], [1, -1], [1f], -3));
        Assert.Null(FeatureMargins.Measure([[float.NaN], [2f]], [1, -1], [1f], -3));
    }
}
