
using Differential.Core.Data;
using Differential.Core.Numerics;
using Differential.Core.Theory;

namespace Differential.Core.Tests.Theory;

public sealed class TheoryExperimentTests
{
    [Theory]
    [InlineData(3, 0.15, 0.34247)]
    [InlineData(10, 0.15, 0.12165)]
    public void Run_AffineData_TrainsToTheLimits(double center, double offset, double limit)
    {
        LabeledPoints points = new AffineDataset(Center: center, Offset: offset).Generate();
        TheoryResult result = TheoryExperiment.Run(points, new TheoryOptions());
        Assert.Equal(limit, result.CrossEntropyLimit, 1e-4);
        Assert.Equal(limit, result.Models[TheoryExperiment.CrossEntropy].Margin, 1e-4);
        Assert.Equal(0.61997, result.CenteredLimit, 1e-4);
        Assert.Equal(0.61997, result.Models[TheoryExperiment.CrossEntropyCentered].Margin, 1e-4);
        Assert.InRange(result.Models[TheoryExperiment.Differential].MarginRatio, 0.999, 1);
        Assert.InRange(result.Models[TheoryExperiment.DifferentialNormalized].MarginRatio, 0.999, 1);
        Assert.InRange(result.Models[TheoryExperiment.Differential].Iterations, 1, 200);
        Assert.All(result.Models.Values, model => AssertConsistent(points, result, model));
    }

    [Fact]
    public void Run_GivenRates_AreUsed()
    {
        List<TheoryModel> trained = [];
        TheoryOptions options = new() { MaxIterations = 200, Rates = new LearningRates(0.3, 3, 0.1, 1), TargetShare = 0.99 };
        TheoryResult result = TheoryExperiment.Run(new AffineDataset().Generate(), options, trained.Add);
        Assert.Equal(result.Models.Values, trained);
        Assert.Equal(0.3, result.Models[TheoryExperiment.Differential].LearningRate);
        Assert.Equal(1, result.Models[TheoryExperiment.CrossEntropyGradientDescent].LearningRate);
        Assert.InRange(result.Models[TheoryExperiment.Differential].Iterations, 16, 30);
    }

    [Fact]
    public void Run_ScaledPoints_TrainAlike()
    {
        LabeledPoints points = new AffineDataset().Generate();
        LabeledPoints scaled = new([.. points.Points.Select(point => point.Select(value => 255 * value).ToArray())], [.. points.Labels]);
        TheoryOptions options = new() { MaxIterations = 300 };
        TheoryResult one = TheoryExperiment.Run(points, options);
        TheoryResult other = TheoryExperiment.Run(scaled, options);
        Assert.Equal(255 * one.SvmMargin, other.SvmMargin, 1e-9);
        Assert.Equal(one.Models[TheoryExperiment.Differential].Iterations, other.Models[TheoryExperiment.Differential].Iterations);
    }

    [Fact]
    public void Run_OnePointPerClass_ReachesTheLargestMargin()
    {
        TheoryResult result = TheoryExperiment.Run(new LabeledPoints([[1, 1, 4], [-1, 2, 4]], [1, -1]), new TheoryOptions());
        Assert.Equal(Math.Sqrt(5) / 2, result.SvmMargin, 1e-12);
        Assert.Equal(2, result.Constant.Count);
        Assert.NotNull(result.BoundaryBound);
        Assert.True(result.CrossEntropyLimit <= result.BoundaryBound * (1 + 1e-9));
        Assert.Equal(1, result.Models[TheoryExperiment.Differential].Iterations);
    }

    [Fact]
    public void Run_OverlappingClasses_SaysNotSeparable()
        => Assert.Throws<NotSeparableException>(() => TheoryExperiment.Run(Samples.Cube(100, 3, 0.5, 3), new TheoryOptions()));

    private static void AssertConsistent(LabeledPoints points, TheoryResult result, TheoryModel model)
    {
        Assert.Equal(1, VectorMath.Norm(model.Direction), 1e-9);
        Assert.Equal(model.Margin, new LinearSeparator(model.Direction, -model.Threshold).Margin(points), 1e-9);
        Assert.Equal(model.Margin / result.SvmMargin, model.MarginRatio, 1e-12);
        Assert.Equal(new MarginPoint(model.Iterations, model.Margin), model.Curve[^1]);
        Assert.True(model.MarginRatio <= 1 + 1e-9);
    }
}
