
using Differential.Core.Data;
using Differential.Core.Numerics;
using Differential.Core.Theory;

namespace Differential.Core.Tests.Theory;

public sealed class BoundaryBoundTests
{
    /// <summary>center, offset, ΣΔ², γ, cross-entropy's limit, B, bound: the reference table of the linear theory.</summary>
    public static TheoryData<double, double, double, double, double, double, double> Reference => new()
    {
        { 3, 0.00, 0, 0.61997, 0.61997, -4.868, 0.61997 },
        { 3, 0.05, 0.1125, 0.61997, 0.45854, -4.376, 0.45854 },
        { 3, 0.15, 1.0125, 0.61997, 0.34247, -2.419, 0.34247 },
        { 3, 1.00, 45, 0.61997, 0.56744, -0.106, 0.56744 },
        { 10, 0.15, 1.0125, 0.61997, 0.12165, -8.011, 0.12165 },
        { 0, 0.15, 1.0125, 0.61997, 0.61991, -0.023, 0.61991 },
    };

    [Theory]
    [MemberData(nameof(Reference))]
    public void Limits_AffineData_EqualTheReferenceTable(
        double center, double offset, double sumDeltaSquared, double svmMargin, double limit, double bias, double bound)
    {
        LabeledPoints points = new AffineDataset(Center: center, Offset: offset).Generate();
        SvmSolution svm = HardMarginSvm.Solve(points);
        SvmSolution crossEntropy = HardMarginSvm.SolveWithRegularizedBias(points);
        ConstantSubspace constant = ConstantSubspace.Find(points);
        Assert.Equal(45, constant.Count);
        Assert.Equal([.. Enumerable.Range(5, 45)], constant.Coordinates);
        Assert.Equal(sumDeltaSquared, constant.SumDeltaSquared, 1e-9);
        Assert.Equal(svmMargin, svm.Margin, 1e-5);
        Assert.Equal(limit, crossEntropy.Margin, 1e-5);

        // The table has three decimals, the last of which is not settled for center 0: B is −0.02249 to a duality gap
        // of 10⁻¹⁴, the table says −0.023.
        Assert.Equal(bias, crossEntropy.Separator.Bias, 1e-3);
        double? measured = BoundaryBound.Of(svm.Margin, crossEntropy.Separator.Bias, constant);
        Assert.NotNull(measured);
        Assert.Equal(bound, measured.Value, 1e-5);
        Assert.True(crossEntropy.Margin <= measured.Value * (1 + 1e-9));
    }

    [Fact]
    public void Find_TurnedData_FindsTheSameSubspace()
    {
        LabeledPoints points = Samples.Turned(new AffineDataset().Generate(), 4);
        ConstantSubspace constant = ConstantSubspace.Find(points);
        Assert.Equal(45, constant.Count);
        Assert.Empty(constant.Coordinates);
        Assert.Equal(1.0125, constant.SumDeltaSquared, 1e-9);
        Assert.All(points.Points, point => Assert.Equal(1.0125, VectorMath.Dot(constant.Shift, point), 1e-9));
    }

    [Fact]
    public void Find_TurnedDataRoundedToFloat_FindsTheSameSubspace()
    {
        LabeledPoints turned = Samples.Turned(new AffineDataset().Generate(), 4);
        LabeledPoints points = new([.. turned.Points.Select(point => point.Select(value => (double)(float)value).ToArray())], [.. turned.Labels]);
        ConstantSubspace constant = ConstantSubspace.Find(points);
        Assert.Equal(45, constant.Count);
        Assert.Equal(1.0125, constant.SumDeltaSquared, 1e-5);
    }

    [Fact]
    public void Of_PointsThatSpanTheSpace_IsNull()
    {
        LabeledPoints points = Samples.Cube(40, 6, 3, 1);
        ConstantSubspace constant = ConstantSubspace.Find(points);
        Assert.Equal(0, constant.Count);
        Assert.Equal(0, constant.SumDeltaSquared);
        Assert.Null(BoundaryBound.Of(1, 1, constant));
    }

    [Fact]
    public void Find_IdenticalPoints_CallsEveryDirectionConstant()
    {
        ConstantSubspace constant = ConstantSubspace.Find(new LabeledPoints([[3, 4], [3, 4]], [1, -1]));
        Assert.Equal(2, constant.Count);
        Assert.Equal(25, constant.SumDeltaSquared, 1e-12);
    }
}
