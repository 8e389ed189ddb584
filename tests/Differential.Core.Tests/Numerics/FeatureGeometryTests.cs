
using Differential.Core.Data;
using Differential.Core.Numerics;
using Differential.Core.Tests.Theory;

namespace Differential.Core.Tests.Numerics;

public sealed class FeatureGeometryTests
{
    [Fact]
    public void Measure_OrthogonalColumns_HasTheirLengthsAsSingularValues()
    {
        FeatureGeometry geometry = FeatureGeometry.Measure<float>([3, 0, 0, 0, 4, 0, -3, 0, 0, 0, -4, 0], 3);
        double[] expected = [4 * Math.Sqrt(2), 3 * Math.Sqrt(2), 0];
        Assert.Equal(expected, geometry.Raw.SingularValues, (a, b) => Math.Abs(a - b) < 1e-12);
        double entropy = -((4 / 7.0 * Math.Log(4 / 7.0)) + (3 / 7.0 * Math.Log(3 / 7.0)));
        Assert.Equal(Math.Exp(entropy), geometry.Raw.EffectiveRank, 1e-12);
        Assert.Equal(25 / 16.0, geometry.Raw.StableRank, 1e-12);
        Assert.Equal(geometry.Raw.EffectiveRank, geometry.Centered.EffectiveRank, 1e-12);
        Assert.Equal(0, geometry.SumDeltaSquared, 1e-24);
        Assert.Single(geometry.ConstantDirections);
    }

    [Fact]
    public void Measure_EqualSingularValues_CountsThemAll()
    {
        FeatureGeometry geometry = FeatureGeometry.Measure<double>([1, 0, 0, 0, 1, 0, 0, 0, 1], 3);
        Assert.Equal(3, geometry.Raw.EffectiveRank, 1e-12);
        Assert.Equal(3, geometry.Raw.StableRank, 1e-12);
        Assert.Equal(2, geometry.Centered.EffectiveRank, 1e-9);
        Assert.Equal(1 / 3.0, geometry.SumDeltaSquared, 1e-12);
        Assert.Equal(1 / 3.0, geometry.MeanSquared, 1e-12);
    }

    [Fact]
    public void Measure_TurnedAffineData_FindsItsConstantPart()
    {
        LabeledPoints points = Samples.Turned(new AffineDataset().Generate(), 8);
        FeatureGeometry geometry = FeatureGeometry.Measure<double>(points.Points.SelectMany(point => point).ToArray(), points.Dimension);
        Assert.Equal(45, geometry.ConstantDirections.Length);
        Assert.Equal(1.0125, geometry.SumDeltaSquared, 1e-9);
        Assert.Equal(5, geometry.Centered.SingularValues.Count(value => value > 0));
        foreach (double[] direction in geometry.ConstantDirections)
        {
            Assert.Equal(1, VectorMath.Norm(direction), 1e-9);
            double along = VectorMath.Dot(direction, points.Points[0]);
            Assert.All(points.Points, point => Assert.Equal(along, VectorMath.Dot(direction, point), 1e-6));
        }
    }

    [Fact]
    public void Measure_IdenticalFeatures_HaveNoSpread()
    {
        float[] feature = [0.1f, 0.7f, 0];
        float[] features = [.. Enumerable.Repeat(feature, 100).SelectMany(row => row)];
        FeatureGeometry geometry = FeatureGeometry.Measure<float>(features, 3);
        Assert.Equal(0, geometry.LargestDeviation);
        Assert.Equal(0, geometry.Centered.EffectiveRank);
        Assert.Equal(0, geometry.Centered.StableRank);
        Assert.Equal(1, geometry.Raw.EffectiveRank, 1e-9);
        Assert.Equal(3, geometry.ConstantDirections.Length);
        Assert.Equal(geometry.MeanSquared, geometry.SumDeltaSquared, 1e-9);
    }

    [Fact]
    public void Measure_ZeroFeatures_HaveRankZero()
    {
        FeatureGeometry geometry = FeatureGeometry.Measure<float>(new float[8], 4);
        Assert.Equal(0, geometry.Raw.EffectiveRank);
        Assert.Equal(0, geometry.Raw.StableRank);
        Assert.Equal(0, geometry.SumDeltaSquared);
    }

    [Fact]
    public void Measure_RaggedRows_AreRefused()
        => Assert.Throws<ArgumentException>(() => FeatureGeometry.Measure<float>([1, 2, 3], 2));
}
