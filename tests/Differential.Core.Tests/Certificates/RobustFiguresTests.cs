using CsCheck;
using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Core.Tests.Certificates;

public sealed class RobustFiguresTests
{
    [Fact]
    public void Of_AllAttacked_CountsOverAllSamples()
    {
        // Ten samples, eight correct, of which two flip at 0.5; five are certified up to 0.5 or farther.
        SplitAttackResult result = Result([5, 5], [5, 3], [1, 1, 1, 1, 1, -1, -1, -1], [true, false, false, false, false, true, false, false]);
        MarginBracket bracket = Bracket([0.1, 0.5, 0.6, 2, 0.4, 0.2, double.PositiveInfinity, 0.7]);
        RobustFigures figures = Assert.Single(RobustFigures.Of(result, [bracket]));
        Assert.Equal((AttackNorm.L2, 0.5), (figures.Norm, figures.Epsilon));
        Assert.Equal(0.6, figures.RobustAccuracy, 1e-12);
        Assert.Equal(0.5, figures.CertifiedAccuracy!.Value, 1e-12);
        Assert.Equal(0.25, figures.FlipRate, 1e-12);
        var expected = Interval.Wilson(0.6, 10);
        Assert.Equal(expected.Low, figures.Interval.Low, 1e-12);
        Assert.Equal(expected.High, figures.Interval.High, 1e-12);
        Assert.Equal([0.8, 0.4], figures.RobustAccuracies.Select(static share => Math.Round(share!.Value, 12)));
        Assert.Equal([0.6, 0.4], figures.CertifiedAccuracies.Select(static share => Math.Round(share!.Value, 12)));
        Assert.Equal(0.6, figures.BalancedRobustAccuracy!.Value, 1e-12);
    }

    [Fact]
    public void Of_UnevenClasses_BalancesThem()
    {
        // 18 of 20 and 1 of 2 are correct; all of these stay.
        sbyte[] labels = [.. Enumerable.Repeat((sbyte)1, 18), -1];
        RobustFigures figures = RobustFigures.Of(Result([20, 2], [18, 1], labels, new bool[19]), [])[0];
        Assert.Equal(19 / 22.0, figures.RobustAccuracy, 1e-12);
        Assert.Equal((0.9 + 0.5) / 2, figures.BalancedRobustAccuracy!.Value, 1e-12);
        Assert.Null(figures.CertifiedAccuracy);

        // Two samples say little: the interval is about that of eight.
        Interval balanced = figures.BalancedInterval!.Value;
        Assert.Equal(Interval.Wilson(0.7, Math.Min(4 / ((1 / 20.0) + (1 / 2.0)), 0.21 / (((0.09 / 20) + (0.25 / 2)) / 4))).Low, balanced.Low, 1e-12);
        Assert.True(balanced.High - balanced.Low > 2 * (figures.Interval.High - figures.Interval.Low));
    }

    [Fact]
    public void Of_ALimit_TakesTheShareForAllCorrectOnes()
    {
        // 90 of 100 correct, 9 of them attacked, 3 flipped: 0.9 · 6/9, as if of ten samples. None of the second class was attacked.
        RobustFigures figures = RobustFigures.Of(Result([50, 50], [45, 45], [1, 1, 1, 1, 1, 1, 1, 1, 1], [true, true, true, false, false, false, false, false, false]), [])[0];
        Assert.Equal(0.6, figures.RobustAccuracy, 1e-12);
        Interval expected = Interval.Wilson(0.6, 10);
        Assert.Equal(expected.Low, figures.Interval.Low, 1e-12);
        Assert.Equal(expected.High, figures.Interval.High, 1e-12);
        Assert.Equal(0.6, figures.RobustAccuracies[0]!.Value, 1e-12);
        Assert.Null(figures.RobustAccuracies[1]);
        Assert.Null(figures.BalancedRobustAccuracy);
    }

    [Fact]
    public void Of_NothingCorrect_IsZeroOfAllSamples()
    {
        SplitAttackResult result = Result([6, 4], [0, 0], [], []);
        RobustFigures figures = RobustFigures.At(result, [], AttackNorm.L2, 0.5);
        Assert.Equal((0, 0, 0), (figures.RobustAccuracy, figures.CertifiedAccuracy, figures.Interval.Low));
        Assert.Equal(Interval.Wilson(0, 10), figures.Interval);
        Assert.True(double.IsNaN(figures.FlipRate));
    }

    [Fact]
    public void Of_NothingCorrect_HasARowForEachBudgetThatWasAsked()
    {
        SplitAttackResult result = Result([6, 4], [0, 0], [], []) with { Attacks = [], Asked = [new(AttackNorm.Linf, 0.1), new(AttackNorm.L2, 0.5), new(AttackNorm.L2, 0.25)] };

        Assert.Equal([(AttackNorm.L2, 0.25, 0.0), (AttackNorm.L2, 0.5, 0.0), (AttackNorm.Linf, 0.1, 0.0)], RobustFigures.Of(result, []).Select(static row => (row.Norm, row.Epsilon, row.RobustAccuracy)));
    }

    // A certificate of 0 is none: at a budget of 0 a level sample is flipped.
    [Fact]
    public void At_ABudgetOfZero_CountsNoLevelSample()
    {
        SplitAttackResult result = Result([2, 2], [2, 2], [1, 1, -1, -1], [false, false, true, false]);

        Assert.Equal(0.75, RobustFigures.At(result, [Bracket([1e-9, 0.5, 0, double.PositiveInfinity])], AttackNorm.L2, 0).CertifiedAccuracy);
    }

    [Fact]
    public void FlippedWithin_TakesEachAttackAndNorm()
    {
        SplitAttackResult result = Result([3, 1], [3, 1], [1, 1, 1, -1], [true, false, false, false]) with
        {
            Attacks =
            [
                Attack(AttackNorm.L2, 0.5, [true, false, false, false], [new(0.5000001, 0.1, 1), null, null, null]),
                Attack(AttackNorm.Linf, 0.1, [false, true, true, false], [null, new(0.4, 0.1, 1), new(0.9, 0.1, 1), null]),
                Attack(AttackNorm.L2, null, [false, false, false, true], [null, null, null, new(0.7, 0.3, 1)]),
            ],
        };
        Assert.Equal([(AttackNorm.L2, 0.5), (AttackNorm.Linf, 0.1)], result.Budgets().OrderBy(static budget => budget.Epsilon).Reverse());
        Assert.Equal([true, true, false, false], result.FlippedWithin(AttackNorm.L2, 0.5));
        Assert.Equal([true, true, true, true], result.FlippedWithin(AttackNorm.L2, 1));
        Assert.Equal([true, true, true, false], result.FlippedWithin(AttackNorm.Linf, 0.1));
        Assert.Equal([false, false, false, false], result.FlippedWithin(AttackNorm.L2, 0.1));
    }

    [Fact]
    public void Of_NoCertificateAvailable_IsNull()
    {
        SplitAttackResult result = Result([2, 1], [2, 1], [1, 1, -1], [false, false, false]);
        Assert.Null(RobustFigures.Of(result, [Bracket([double.NaN, double.NaN, double.NaN])])[0].CertifiedAccuracy);
        Assert.Equal(1 / 3.0, RobustFigures.Of(result, [Bracket([double.NaN, 0.6, double.NaN])])[0].CertifiedAccuracy!.Value, 1e-12);

        // Asked of two alone.
        Assert.Equal(0.5, RobustFigures.Of(result, [Bracket([0.6, 0.1, null])])[0].CertifiedAccuracy!.Value, 1e-12);
    }

    [Fact]
    public void Of_CertificatesOfWhatALimitLeftOut_CountThem()
    {
        // 8 of 10 correct, two of them attacked: the robust accuracy is a guess from two, the certified one is counted.
        SplitAttackResult result = Result([5, 5], [5, 3], [1, -1], [false, true]);
        MarginBracket bracket = Bracket([0.6, 0.1]) with { LeftOut = [new(1, 0.5), new(1, 0.4), new(1, 0), new(1, 2), new(-1, 0), new(-1, double.PositiveInfinity)] };
        RobustFigures figures = RobustFigures.Of(result, [bracket])[0];
        Assert.Equal(0.4, figures.RobustAccuracy, 1e-12);
        Assert.Equal((0.4, 8), (Math.Round(figures.CertifiedAccuracy!.Value, 12), figures.CertifiedSamples));
        Assert.Equal([0.6, 0.2], figures.CertifiedAccuracies.Select(static share => Math.Round(share!.Value, 12)));
        Interval expected = Interval.Wilson(0.4, 10);
        Assert.Equal(expected.Low, figures.CertifiedInterval!.Value.Low, 1e-12);
    }

    // A population of a known share: the interval of an evaluation with a limit holds it at least about as often as it says.
    [Theory]
    [InlineData(0.9, 0.7, 400, 60)]
    [InlineData(0.8, 0.95, 200, 40)]
    [InlineData(0.95, 0.3, 1000, 100)]
    [InlineData(0.9, 0.6, 120, null)]
    public void Interval_OfDrawnSplits_HoldsTheTrueShare(double accuracy, double stays, int count, int? limit)
    {
        var random = new RandomStream(7, "splits", count);
        int held = 0;
        const int Draws = 2000;
        double error = 0;
        for (int draw = 0; draw < Draws; draw++)
        {
            int correct = Enumerable.Range(0, count).Count(_ => random.NextDouble() < accuracy);
            int attacked = Math.Min(correct, limit ?? correct);
            bool[] flipped = [.. Enumerable.Range(0, attacked).Select(_ => random.NextDouble() >= stays)];
            SplitAttackResult result = Result([count, 0], [correct, 0], [.. flipped.Select(static _ => (sbyte)1)], flipped);
            RobustFigures figures = RobustFigures.At(result, [], AttackNorm.L2, 0.5);
            held += figures.Interval.Contains(accuracy * stays) ? 1 : 0;
            error += (figures.RobustAccuracy - (accuracy * stays)) / Draws;
        }

        Assert.InRange((double)held / Draws, 0.93, 1);
        Assert.InRange(error, -0.005, 0.005);
    }

    [Fact]
    public void Figures_OfAnyRun_AreNestedAndWithinTheirIntervals() =>
        Gen.Select(Gen.Bool.Array[1, 30], Gen.Int[0, 20], Gen.Double[0, 2].Array[30]).Sample(
            (flipped, wrong, certificates) =>
            {
                sbyte[] labels = [.. flipped.Select(static (_, i) => (sbyte)(i % 2 == 0 ? 1 : -1))];
                int positive = labels.Count(static label => label > 0);
                SplitAttackResult result = Result([positive + wrong, labels.Length - positive + 1], [positive, labels.Length - positive], labels, flipped);

                // What is flipped is certified to less.
                MarginBracket bracket = Bracket([.. flipped.Select((flag, i) => (double?)(flag ? Math.Min(certificates[i], 0.49) : certificates[i]))]);
                RobustFigures figures = RobustFigures.Of(result, [bracket])[0];
                Assert.True(figures.CertifiedAccuracy <= figures.RobustAccuracy + 1e-12 && figures.RobustAccuracy <= result.Accuracy + 1e-12);
                Assert.True(figures.Interval.Contains(figures.RobustAccuracy) && figures.CertifiedInterval!.Value.Contains(figures.CertifiedAccuracy!.Value));
                double weighted = Enumerable.Range(0, 2).Sum(k => (figures.RobustAccuracies[k] ?? 0) * result.Decisions.Counts[k]) / result.Count;
                Assert.Equal(figures.RobustAccuracy, weighted, 1e-12);
            },
            iter: 500);

    private static SplitAttackResult Result(int[] counts, int[] correct, sbyte[] labels, bool[] flipped) => new()
    {
        Count = counts.Sum(),
        Correct = correct.Sum(),
        Decisions = new SplitDecisions { Confusion = [[correct[0], counts[0] - correct[0]], [counts[1] - correct[1], correct[1]]], Counts = counts },
        Samples = [.. labels.Select(static (label, i) => new AttackedSample(i, label, 1))],
        Attacks = [Attack(AttackNorm.L2, 0.5, flipped, [])],
    };

    private static AttackResult Attack(AttackNorm norm, double? epsilon, bool[] flipped, FlipDistances?[] found) => new()
    {
        Kind = "pgd",
        Norm = norm,
        Epsilon = epsilon,
        Flipped = flipped,
        FlippedCount = flipped.Count(static flag => flag),
        Found = found,
        Counters = default,
    };

    private static MarginBracket Bracket(double?[] certified) => new(AttackNorm.L2, certified, new double?[certified.Length]);
}
