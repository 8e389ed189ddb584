
using Differential.Core.Attacks;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Core.Tests.Attacks;

public sealed class FixedBudgetAttackTests
{
    public static TheoryData<string, AttackOptions, double> Table()
    {
        var table = new TheoryData<string, AttackOptions, double>();
        foreach (string problem in new[] { "unbounded", "inside", "cut" })
        {
            foreach (AttackNorm norm in AttackNormNames.Common)
            {
                // One step is exact where its end is: on the L∞ ball always, on the L2 ball unless the box cuts it off.
                if (norm == AttackNorm.Linf || problem != "cut")
                {
                    table.Add(problem, new FgsmOptions { Norm = norm, Epsilons = [] }, 1e-4);
                }

                // On the L2 sphere 2.5 ε of way turn a random start almost, not wholly, into the gradient's direction.
                table.Add(problem, new PgdOptions { Norm = norm, Epsilons = [], Steps = 100, Restarts = 5 }, norm == AttackNorm.L2 ? 0.05 : 0.001);
                table.Add(problem, new PgdOptions { Norm = norm, Epsilons = [], Steps = 100, RandomStart = false }, 0.001);
                table.Add(problem, new PgdOptions { Norm = norm, Epsilons = [], Steps = 100, RandomStart = false, Momentum = 0.5 }, 0.001);
                table.Add(problem, new ApgdOptions { Norm = norm, Epsilons = [] }, 0.001);
                table.Add(problem, new SuiteOptions { Norm = norm, Epsilons = [] }, 0.001);

                // Exact in its limit for L∞, where each change is ±ε. For L2 its bumps, 3 pixels wide at least, do not span
                // every direction: least of all on a small image with random weights.
                if (norm == AttackNorm.Linf || problem == "unbounded")
                {
                    table.Add(problem, new SquareOptions { Norm = norm, Epsilons = [] }, norm == AttackNorm.Linf ? 0.001 : 0.3);
                }
            }
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Run_LinearModel_FlipsExactlyWhatLiesWithinTheBudget(string name, AttackOptions options, double tolerance)
    {
        LinearProblem problem = LinearProblem.Named(name);
        double[] distances = [.. Enumerable.Range(0, problem.Data.Count).Select(i => problem.Distance(i, options.Norm)).Where(double.IsFinite).Order()];
        Fraction[] epsilons = [distances[2] * 1.02, distances[10] * 1.02, distances[22] * 1.02, distances[^1] * 1.02];
        using LinearScoreModel model = problem.Model();
        SplitAttackResult result = AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [(FixedBudgetOptions)options with { Epsilons = epsilons }], KeepAdversarial = true }, null, CancellationToken.None);

        Assert.Equal(problem.Data.Count, result.Attacked);
        Assert.Equal(epsilons.Length, result.Attacks.Count);
        int decided = 0;
        foreach (AttackResult outcome in result.Attacks)
        {
            for (int i = 0; i < result.Attacked; i++)
            {
                double distance = problem.Distance(result.Samples[i].Index, options.Norm);
                if (outcome.Epsilon > distance * (1 + tolerance))
                {
                    Assert.True(outcome.Flipped[i], $"not flipped: distance {distance} within {outcome.Epsilon}");
                    decided++;
                }
                else if (outcome.Epsilon < distance * (1 - 1e-4))
                {
                    Assert.False(outcome.Flipped[i], $"flipped: distance {distance} beyond {outcome.Epsilon}");
                    decided++;
                }
            }

            Assert.Equal(outcome.Flipped.Count(flip => flip), outcome.FlippedCount);
            Assert.Equal(0, outcome.Counters.Unverified);
            AssertAdversarial(problem, model, result, outcome);
        }

        Assert.True(decided > 0.7 * result.Attacked * epsilons.Length);
    }

    [Fact]
    public void Run_SeveralBudgets_FlipsCarryOverWithTheirInputs()
    {
        LinearProblem problem = LinearProblem.CutByTheBox();
        using LinearScoreModel model = problem.Model();
        SplitAttackResult result = AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [0.2, 0.02, 0.1] }], KeepAdversarial = true }, null, CancellationToken.None);
        Assert.Equal([0.02, 0.1, 0.2], result.Attacks.Select(outcome => outcome.Epsilon!.Value));
        for (int budget = 1; budget < 3; budget++)
        {
            AttackResult smaller = result.Attacks[budget - 1];
            AttackResult larger = result.Attacks[budget];
            Assert.True(larger.FlippedCount > smaller.FlippedCount);
            for (int i = 0; i < result.Attacked; i++)
            {
                if (smaller.Flipped[i])
                {
                    Assert.True(larger.Flipped[i]);
                    Assert.Same(smaller.Adversarial![i], larger.Adversarial![i]);
                }
            }
        }
    }

    [Fact]
    public void Run_FlippedSamples_CostNoFurtherSteps()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        using LinearScoreModel model = problem.Model();
        AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [0.9], Steps = 1000, StepSize = 0.3 }] }, null, CancellationToken.None);

        // Clean pass, a few steps each, verification: nothing near 1000 a sample.
        Assert.True(model.Forwards < 10 * problem.Data.Count, $"{model.Forwards} forward passes");
    }

    [Fact]
    public void Run_Rounded_OnlyFlipsThatSurviveRoundingCount()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        using LinearScoreModel model = problem.Model();
        Fraction[] epsilons = [0.3 / 255, 0.6 / 255, 2.0 / 255];
        SplitAttackResult result = AttackRunner.Run(
            model,
            problem.Data,
            new AttackRunOptions
            {
                Attacks = [new PgdOptions { Epsilons = epsilons }, new PgdOptions { Epsilons = epsilons, Rounded = true }],
                KeepAdversarial = true,
            },
            null,
            CancellationToken.None);
        AttackResult[] plain = [.. result.Attacks.Take(3)];
        AttackResult[] rounded = [.. result.Attacks.Skip(3)];

        // Changes below half a grey level round away.
        Assert.True(plain[0].FlippedCount > 0);
        Assert.Equal(0, rounded[0].FlippedCount);
        Assert.True(rounded[2].FlippedCount > 0);
        foreach (AttackResult outcome in rounded)
        {
            for (int i = 0; i < result.Attacked; i++)
            {
                if (outcome.Flipped[i])
                {
                    float[] values = [.. outcome.Adversarial![i]!.Select(value => MathF.Round(value * 255f) / 255f)];
                    Assert.True(result.Samples[i].Label * (model.Score(values) - model.Threshold) <= 0);
                }
            }
        }
    }

    private static void AssertAdversarial(LinearProblem problem, LinearScoreModel model, SplitAttackResult result, AttackResult outcome)
    {
        for (int i = 0; i < result.Attacked; i++)
        {
            float[]? input = outcome.Adversarial![i];
            Assert.Equal(outcome.Flipped[i], input is not null);
            if (input is null)
            {
                continue;
            }

            Assert.All(input, value => Assert.InRange(value, problem.Data.Low, problem.Data.High));
            Assert.NotEqual(result.Samples[i].Label > 0, model.Score(input) - model.Threshold > 0);
            float[] clean = problem.Sample(result.Samples[i].Index);
            double[] change = [.. input.Zip(clean, (a, b) => (double)a - b)];
            double size = outcome.Norm == AttackNorm.L2 ? Math.Sqrt(change.Sum(value => value * value)) : change.Max(Math.Abs);
            Assert.True(size <= outcome.Epsilon * (1 + 2e-5) + 1e-6, $"{size} beyond {outcome.Epsilon}");
        }
    }
}
