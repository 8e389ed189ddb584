
using Differential.Core.Attacks;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

public sealed class MinimumNormAttackTests
{
    public static TheoryData<string, AttackOptions, double> Table()
    {
        var table = new TheoryData<string, AttackOptions, double>();
        foreach (string problem in new[] { "unbounded", "inside", "cut" })
        {
            foreach (AttackNorm norm in AttackNormNames.Common)
            {
                // Where the box bends the way, a part of the overshoot is left after the bisection on the chord.
                table.Add(problem, new DeepFoolOptions { Norm = norm }, problem == "cut" ? 3e-3 : 1e-4);
                table.Add(problem, new DeepFoolOptions { Norm = norm, Overshoot = 1e-4 }, 1e-4);
                table.Add(problem, new FabOptions { Norm = norm }, 1e-4);
                table.Add(problem, new HopSkipJumpOptions { Norm = norm, Iterations = 15 }, 0.05);
            }

            table.Add(problem, new FmnOptions { Norm = AttackNorm.L2 }, 1e-4);

            // Where most elements are at their bounds, the depth that a flip keeps beyond the threshold is several times as much of the distance.
            table.Add(problem, new FmnOptions { Norm = AttackNorm.Linf }, problem == "cut" ? 2e-4 : 1e-4);
            table.Add(problem, new FmnOptions { Norm = AttackNorm.L1 }, 1e-4);
            table.Add(problem, new CarliniWagnerOptions { LearningRate = problem == "unbounded" ? 0.2 : 0.05 }, 0.005);
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Run_LinearModel_FindsTheExactDistance(string name, AttackOptions options, double tolerance)
    {
        LinearProblem problem = LinearProblem.Named(name);
        using LinearScoreModel model = problem.Model();
        SplitAttackResult result = AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [options], KeepAdversarial = true }, null, CancellationToken.None);
        AttackResult outcome = Assert.Single(result.Attacks);
        Assert.Null(outcome.Epsilon);
        Assert.Equal(problem.Data.Count, result.Attacked);
        for (int i = 0; i < result.Attacked; i++)
        {
            double exact = problem.Distance(result.Samples[i].Index, options.Norm);
            if (double.IsInfinity(exact))
            {
                Assert.Null(outcome.Distances![i]);
                continue;
            }

            Assert.NotNull(outcome.Distances![i]);
            double found = outcome.Distances[i]!.Value;
            Assert.True(found >= exact * (1 - 1e-5) - 1e-7, $"{found} is below the exact {exact}");
            Assert.True(found <= exact * (1 + tolerance) + 2e-7, $"{found} is above the exact {exact} by {(found / exact) - 1:E1}");
            Assert.All(outcome.Adversarial![i]!, value => Assert.InRange(value, problem.Data.Low, problem.Data.High));
        }

        Assert.Equal(0, outcome.Counters.Unverified);
    }

    [Fact]
    public void FlipRateWithin_Distances_CountsThoseWithin()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        using LinearScoreModel model = problem.Model();
        SplitAttackResult result = AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [new DeepFoolOptions()] }, null, CancellationToken.None);
        AttackResult outcome = result.Attacks[0];
        double median = outcome.DistanceSummary!.Median!.Value;
        Assert.Equal(0.5, outcome.FlipRateWithin(median), 1e-9);
        Assert.Equal(1, outcome.FlipRateWithin(1e6));
        Assert.Equal(0, outcome.FlipRateWithin(0));
    }
}
