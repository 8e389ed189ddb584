using CsCheck;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Decisions;

/// <summary>Thresholds that are best at something else than the accuracy, against all thresholds there are.</summary>
public class ThresholdGoalTests
{
    private static readonly Gen<(float[] Scores, sbyte[] Labels)> Cases =
        from values in Gen.Int[-8, 8].Array[2, 24]
        from rare in Gen.Int[1, 6]
        select (values.Select(static value => value / 4f).ToArray(), values.Select((_, i) => (sbyte)(i % (rare + 1) == 0 ? 1 : -1)).ToArray());

    [Fact]
    public void Fitted_BalancedAccuracy_NoThresholdIsBetter() => Cases.Sample(test =>
    {
        double fitted = Of(Decision.Fitted(test.Scores, test.Labels, ThresholdGoal.BalancedAccuracy), test);
        Assert.All(Thresholds(test.Scores), threshold => Assert.True(fitted >= Of(Decision.By([threshold]), test) - 1e-12));

        static double Of(Decision decision, (float[] Scores, sbyte[] Labels) test) => ThresholdGoal.BalancedAccuracy.Of(decision, test.Scores, test.Labels);
    });

    [Fact]
    public void Fitted_FalsePositiveRate_IsKeptAndNoThresholdThatKeepsItFindsMore() => Gen.Select(Cases, Gen.Double[0, 0.99]).Sample((test, rate) =>
    {
        Decision fitted = Decision.Fitted(test.Scores, test.Labels, ThresholdGoal.AtFalsePositiveRate(rate));
        Assert.True(FalsePositives(fitted.Thresholds[0], test) <= rate * Math.Max(1, test.Labels.Count(static label => label < 0)));
        int found = Found(fitted.Thresholds[0], test);
        Assert.All(
            Thresholds(test.Scores).Where(threshold => FalsePositives(threshold, test) <= rate * test.Labels.Count(static label => label < 0)),
            threshold => Assert.True(found >= Found(threshold, test)));

        static int FalsePositives(float threshold, (float[] Scores, sbyte[] Labels) test) => test.Scores.Where((score, i) => test.Labels[i] < 0 && score > threshold).Count();

        static int Found(float threshold, (float[] Scores, sbyte[] Labels) test) => test.Scores.Where((score, i) => test.Labels[i] > 0 && score > threshold).Count();
    });

    [Fact]
    public void Fitted_OneInTwenty_BalancedAccuracyFindsTheRareClass()
    {
        // One of two rare samples lies among the common ones: the fewest errors give it up, the balanced accuracy does not.
        float[] scores = [1, 3, .. Enumerable.Range(0, 40).Select(i => i < 36 ? -1f : 2)];
        sbyte[] labels = [1, 1, .. Enumerable.Repeat((sbyte)-1, 40)];
        Assert.Equal(2.5f, Decision.Fitted(scores, labels).Thresholds[0]);
        Assert.Equal(0, Decision.Fitted(scores, labels, ThresholdGoal.BalancedAccuracy).Thresholds[0]);
        Assert.Equal(2.5f, Decision.Fitted(scores, labels, ThresholdGoal.AtFalsePositiveRate(0.099)).Thresholds[0]);
        Assert.Equal(0, Decision.Fitted(scores, labels, ThresholdGoal.AtFalsePositiveRate(0.1)).Thresholds[0]);

        // How good each is at what it is fitted for: all right but one or four, the mean over the classes, the positive samples found.
        Assert.Equal(41 / 42.0, Of(ThresholdGoal.Accuracy), 1e-12);
        Assert.Equal((1 + (36 / 40.0)) / 2, Of(ThresholdGoal.BalancedAccuracy), 1e-12);
        Assert.Equal(0.5, Of(ThresholdGoal.AtFalsePositiveRate(0.099)));
        Assert.Equal(1, Of(ThresholdGoal.AtFalsePositiveRate(0.1)));

        double Of(ThresholdGoal goal) => goal.Of(Decision.Fitted(scores, labels, goal), scores, labels);
    }

    [Fact]
    public void Fitted_ThreeClassesBalanced_IsNoWorseThanTheFewestErrors()
    {
        var random = new RandomStream(3, "scores");
        sbyte[] labels = [.. Enumerable.Range(0, 90).Select(i => (sbyte)(i < 70 ? 0 : i < 85 ? 1 : 2))];
        float[] scores = [.. labels.SelectMany(label => Enumerable.Range(0, 3).Select(k => (float)(random.NextNormal() + (k == label ? 1.5 : 0))))];
        double balanced = ThresholdGoal.BalancedAccuracy.Of(Decision.Fitted(scores, labels, ThresholdGoal.BalancedAccuracy), scores, labels);
        double fewest = ThresholdGoal.BalancedAccuracy.Of(Decision.Fitted(scores, labels), scores, labels);
        Assert.True(balanced > fewest, $"{balanced} and {fewest}");
        Assert.Throws<NotSupportedException>(() => Decision.Fitted(scores, labels, ThresholdGoal.AtFalsePositiveRate(0.1)));
    }

    private static IEnumerable<float> Thresholds(float[] scores) => scores.Distinct().SelectMany(static score => (float[])[score, score - 0.125f, score + 0.125f]);
}
