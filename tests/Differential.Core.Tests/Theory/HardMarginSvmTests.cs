
using Differential.Core.Data;
using Differential.Core.Numerics;
using Differential.Core.Theory;

namespace Differential.Core.Tests.Theory;

public sealed class HardMarginSvmTests
{
    /// <summary>Count, dimension, how far apart the classes' cubes move (they are 2 wide), duplicated points.</summary>
    public static TheoryData<int, int, double, bool> Separable => new()
    {
        { 2, 1, 3, false },
        { 10, 2, 2.5, false },
        { 41, 7, 1.9, false },
        { 200, 50, 2, false },
        { 200, 50, 2, true },
        { 500, 3, 2.000001, true },
        { 101, 150, 0, false },
        { 1000, 20, 4, false },
    };

    [Theory]
    [MemberData(nameof(Separable))]
    public void Solve_SeparablePoints_MeetsTheKktConditions(int count, int dimension, double apart, bool duplicates)
    {
        LabeledPoints points = Samples.Cube(count, dimension, apart, count + dimension, duplicates);
        SvmSolution svm = HardMarginSvm.Solve(points);
        Assert.InRange(svm.RelativeGap, 0, 1e-9);
        Assert.Equal(1 / VectorMath.Norm(svm.Separator.Weights), svm.Margin, 1e-9 * svm.Margin);
        AssertOptimal(points, svm, classSum: 1);

        double[] combined = Combine(points, svm);
        Assert.Equal(2 * svm.Margin, VectorMath.Norm(combined), 1e-6 * svm.Margin);
        AssertParallel(combined, svm.Separator.Weights);
    }

    [Theory]
    [MemberData(nameof(Separable))]
    public void SolveWithRegularizedBias_SeparablePoints_MeetsTheKktConditions(int count, int dimension, double apart, bool duplicates)
    {
        LabeledPoints points = Samples.Cube(count, dimension, apart, count + dimension, duplicates);
        SvmSolution svm = HardMarginSvm.SolveWithRegularizedBias(points);
        Assert.InRange(svm.RelativeGap, 0, 1e-9);
        AssertOptimal(points, svm, classSum: null);
        double signed = Enumerable.Range(0, points.Count).Sum(i => points.Labels[i] * svm.Multipliers[i]);
        AssertParallel([.. Combine(points, svm), signed], [.. svm.Separator.Weights, svm.Separator.Bias]);
        Assert.True(svm.Margin <= HardMarginSvm.Solve(points).Margin * (1 + 1e-9));
    }

    [Fact]
    public void Solve_OnePointPerClass_HalvesTheirDistance()
    {
        SvmSolution svm = HardMarginSvm.Solve(new LabeledPoints([[1, 5], [4, 1]], [1, -1]));
        Assert.Equal(2.5, svm.Margin, 1e-12);
        Assert.Equal([-0.6, 0.8], svm.Separator.Direction(), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal((-0.6 * 2.5) + (0.8 * 3), svm.Separator.Threshold(), 1e-12);
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e-6)]
    [InlineData(1e-9)]
    public void Solve_NarrowGapFarFromTheOrigin_FindsItToSixDigits(double gap)
    {
        Random random = new(3);
        double[][] points = [.. Enumerable.Range(0, 60).Select(i => new[] { i % 2 == 0 ? gap / 2 : -gap / 2, 1 + random.NextDouble(), random.NextDouble() })];
        SvmSolution svm = HardMarginSvm.Solve(new LabeledPoints(points, [.. points.Select((_, i) => (sbyte)(i % 2 == 0 ? 1 : -1))]));
        Assert.Equal(gap / 2, svm.Margin, 1e-6 * gap);
        Assert.InRange(svm.RelativeGap, 0, 1e-6);
    }

    public static TheoryData<double[][], string> Inseparable => new()
    {
        { [[0, 0], [1, 1], [0, 1], [1, 0]], "crossing segments" },
        { [[0, 0], [0, 1], [0, 0], [1, 0]], "a common point" },
        { [[0, 1], [0, -1], [0, 0.25], [3, 0]], "a vertex on an edge" },
        { [[2, 3], [2, 3], [2, 3], [2, 3]], "identical points" },
        { [[-1, 0], [1, 0], [0, 0], [0, 0]], "one class around the other" },
    };

    [Theory]
    [MemberData(nameof(Inseparable))]
    public void Solve_MeetingHulls_SaysNotSeparable(double[][] corners, string why)
    {
        LabeledPoints points = new(corners, [1, 1, -1, -1]);
        Assert.True(Throws(() => HardMarginSvm.Solve(points)), why);
        Assert.True(Throws(() => HardMarginSvm.SolveWithRegularizedBias(points)), why);
    }

    [Theory]
    [InlineData(300, 5, 1)]
    [InlineData(500, 40, 0.5)]
    public void Solve_OverlappingClouds_SaysNotSeparable(int count, int dimension, double apart)
        => Assert.Throws<NotSeparableException>(() => HardMarginSvm.Solve(Samples.Cube(count, dimension, apart, 9)));

    private static bool Throws(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (NotSeparableException)
        {
            return true;
        }
    }

    private static void AssertOptimal(LabeledPoints points, SvmSolution svm, double? classSum)
    {
        double positive = 0;
        double negative = 0;
        for (int i = 0; i < points.Count; i++)
        {
            double score = points.Labels[i] * (VectorMath.Dot(svm.Separator.Weights, points.Points[i]) + svm.Separator.Bias);
            Assert.True(score >= 1 - 1e-9, $"point {i} has score {score}");
            Assert.True(svm.Multipliers[i] >= 0);
            Assert.True(svm.Multipliers[i] < 1e-12 || score <= 1 + 1e-6, $"support vector {i} has score {score}");
            _ = points.Labels[i] > 0 ? positive += svm.Multipliers[i] : negative += svm.Multipliers[i];
        }

        Assert.Equal(classSum ?? 1 - negative, positive, 1e-12);
        Assert.Equal(classSum ?? 1 - positive, negative, 1e-12);
    }

    private static double[] Combine(LabeledPoints points, SvmSolution svm)
    {
        double[] combined = new double[points.Dimension];
        for (int i = 0; i < points.Count; i++)
        {
            VectorMath.AddScaled(combined, points.Labels[i] * svm.Multipliers[i], points.Points[i]);
        }

        return combined;
    }

    private static void AssertParallel(double[] a, double[] b)
        => Assert.Equal(1, VectorMath.Dot(a, b) / (VectorMath.Norm(a) * VectorMath.Norm(b)), 1e-9);
}
