using CsCheck;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Decisions;

public sealed class SplitDecisionsTests
{
    [Fact]
    public void Of_TwoClasses_CountsWhoIsTakenForWhom()
    {
        // Threshold 1: a score of 1 is negative.
        var decisions = SplitDecisions.Of(Decision.By([1f]), [3f, 1f, 0f, 2f, -1f], [1, 1, -1, -1, -1]);
        Assert.Equal([[1, 1], [1, 2]], decisions.Confusion);
        Assert.Equal([2, 3], decisions.Counts);
        Assert.Equal(((1 / 2.0) + (2 / 3.0)) / 2, decisions.BalancedAccuracy, 1e-12);
        Assert.True(decisions.IsUneven);

        // 3 is above all three negatives, 1 above two of them.
        Assert.Equal(5 / 6.0, decisions.Auc!.Value, 1e-12);
    }

    [Fact]
    public void Of_LevelScores_CountsHalfAPair()
    {
        Assert.Equal(0.5, SplitDecisions.Of(Decision.By([0f]), [1f, 1f, 1f], [1, -1, -1]).Auc);
        Assert.Null(SplitDecisions.Of(Decision.By([0f]), [1f, 2f], [1, 1]).Auc);
        Assert.Null(SplitDecisions.Of(Decision.By([0f]), [1f, float.NaN], [1, -1]).Auc);
    }

    [Fact]
    public void Of_SeveralClasses_CountsTheNearestOther()
    {
        var decision = Decision.By([0f, 0f, 1f]);
        var decisions = SplitDecisions.Of(decision, [2, 1, 0, 0, 3, 5, 1, 1, 0, 0, 0, 9], [0, 1, 0, 2]);
        Assert.Equal([[1, 1, 0], [0, 0, 1], [0, 0, 1]], decisions.Confusion);
        Assert.Equal([2, 1, 1], decisions.Counts);
        Assert.Equal((0.5 + 0 + 1) / 3, decisions.BalancedAccuracy, 1e-12);

        // Margins for class 0: 1, −4 (of class 1), 0, −8; for class 1: −1, −1 (its own), 0, −8; for class 2: −3, 1, −2, 8.
        Assert.Equal((1 + ((0.5 + 1) / 3) + 1) / 3, decisions.Auc!.Value, 1e-12);
    }

    [Fact]
    public void Of_AScoreThatIsNoNumber_IsDecidedForNone()
    {
        var decisions = SplitDecisions.Of(Decision.By([0f]), [float.NaN, 1f], [1, -1]);
        Assert.Equal([[0, 0], [1, 0]], decisions.Confusion);
        Assert.Equal([1, 1], decisions.Counts);
    }

    [Fact]
    public void Auc_OfAnyScores_IsTheShareOfPairs() =>
        Gen.Select(Gen.Int[-4, 4].Array[1, 12], Gen.Int[-4, 4].Array[1, 12]).Sample(
            (positive, negative) =>
            {
                double pairs = positive.Sum(p => negative.Sum(n => p > n ? 1 : p == n ? 0.5 : 0));
                float[] scores = [.. positive.Concat(negative).Select(static value => (float)value)];
                sbyte[] labels = [.. positive.Select(static _ => (sbyte)1), .. negative.Select(static _ => (sbyte)-1)];
                var decisions = SplitDecisions.Of(Decision.By([0.5f]), scores, labels);
                Assert.Equal(pairs / (positive.Length * negative.Length), decisions.Auc!.Value, 1e-12);
                int correct = decisions.Confusion[0][0] + decisions.Confusion[1][1];
                Assert.Equal(Decision.By([0.5f]).Accuracy(scores, labels), (double)correct / labels.Length, 1e-12);
            },
            iter: 500);
}
