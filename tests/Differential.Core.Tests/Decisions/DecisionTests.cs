using CsCheck;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Decisions;

public sealed class DecisionTests
{
    private static readonly Gen<float> Value = Gen.Float[-40f, 40f];

    /// <summary>One score s with threshold t is the same decision as two scores (s, 0) with thresholds (t, 0).</summary>
    [Fact]
    public void Decision_OfOneScore_IsThatOfTwoClasses() => Gen.Select(Value, Value, Gen.Bool).Sample((score, threshold, isPositive) =>
    {
        var one = Decision.By([threshold]);
        var two = Decision.By([threshold, 0]);
        float[] scores = [score, 0];
        (RowLabel label, RowLabel number) = (one.Row((sbyte)(isPositive ? 1 : -1)), two.Row((sbyte)(isPositive ? 0 : 1)));
        float margin = one.Margin([score], label);
        Assert.Equal(margin, two.Margin(scores, number));
        Assert.Equal(margin, one.WideMargin([score], label.Value), 1e-5);
        if (margin != 0)
        {
            Assert.Equal(Decision.IsFlipped(label, margin), Decision.IsFlipped(number, margin));
            Assert.Equal(Decision.IsCorrect(label, margin), Decision.IsCorrect(number, margin));
        }

        (float[] slopes, float[] both) = (new float[1], new float[2]);
        one.LowerMargin([score], label, slopes);
        two.LowerMargin(scores, number, both);
        Assert.Equal((slopes[0], -slopes[0]), (both[0], both[1]));
        one.RaiseCrossEntropy([score], label, slopes);
        two.RaiseCrossEntropy(scores, number, both);
        Assert.Equal(slopes[0], both[0], 1e-6f);
        two.RaiseCrossEntropy(scores, number with { Target = isPositive ? 1 : 0 }, both);
        Assert.Equal(slopes[0], both[0], 1e-6f);
    });

    [Fact]
    public void Decision_OfSeveralClasses_IsByTheNearestOther() => Gen.Select(Value.Array[5], Value.Array[5], Gen.Int[0, 4]).Sample((scores, thresholds, own) =>
    {
        var decision = Decision.By(thresholds);
        RowLabel label = decision.Row((sbyte)own);
        float[] above = [.. scores.Zip(thresholds, (score, threshold) => score - threshold)];
        int[] others = [.. Enumerable.Range(0, 5).Where(k => k != own).OrderByDescending(k => above[k])];
        Assert.Equal(above[own] - above[others[0]], decision.Margin(scores, label));
        Assert.Equal(decision.Margin(scores, label), decision.WideMargin(scores, label.Value));

        var ranks = new int[decision.Targets];
        decision.Rank(scores, label, ranks);
        Assert.Equal(others, ranks);
        foreach (int target in others)
        {
            RowLabel aimed = label with { Target = target };
            Assert.Equal(above[own] - above[target], decision.Margin(scores, aimed));
            var slopes = new float[5];
            decision.LowerMargin(scores, aimed, slopes);
            Assert.Equal((-1f, 1f, 0f), (slopes[own], slopes[target], slopes.Sum()));
        }
    });

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Decision_WithAnOwnScoreThatIsNotFinite_IsNeitherRightNorFlipped(float score)
    {
        foreach (sbyte label in new sbyte[] { 0, 1, -1 })
        {
            var decision = Decision.By(label == 0 ? [0, 0, 0] : [0]);
            float[] scores = label == 0 ? [score, 1, 2] : [score];
            RowLabel row = decision.Row(label);
            float margin = decision.Margin(scores, row);
            Assert.False(Decision.IsCorrect(row, margin));
            Assert.False(Decision.IsFlipped(row, margin));
        }
    }

    [Fact]
    public void Sides_OfALabel_AreOnesForItsClassAlone()
    {
        var sides = new float[3];
        Decision.By([0, 0, 0]).Sides(1, sides);
        Assert.Equal([-1f, 1f, -1f], sides);
        Decision.By([0]).Sides(-1, sides.AsSpan(0, 1));
        Assert.Equal(-1f, sides[0]);
    }

    [Fact]
    public void Fitted_OfScores_MakesTheFewestErrors()
    {
        Assert.Equal([2f], Decision.Fitted([1f, 3f, 0f, 4f], [-1, 1, -1, 1]).Thresholds.ToArray());
        var decision = Decision.Fitted([5f, 4f, 6f, 5.5f, 0f, 9f, 1f, 8f], [0, 0, 1, 1]);
        Assert.Equal(1, decision.Accuracy([5f, 4f, 6f, 5.5f, 0f, 9f, 1f, 8f], [0, 0, 1, 1]));
    }
}
