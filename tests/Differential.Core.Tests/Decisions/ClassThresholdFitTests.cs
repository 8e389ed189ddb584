
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Decisions;

public sealed class ClassThresholdFitTests
{
    private const int Classes = 4;

    /// <summary>Offsets of a class's score are what a differential training leaves open: the thresholds take them out.</summary>
    [Fact]
    public void Fit_SeparableScoresWithOffsets_HasNoErrors()
    {
        float[] offsets = [5, -3, 40, 0];
        (float[] scores, sbyte[] labels) = Scores(200, 3, offsets);
        float[] thresholds = ClassThresholdFit.Fit(scores, labels, Classes);
        Assert.Equal(0, Errors(scores, labels, thresholds));
        Assert.True(Errors(scores, labels, new float[Classes]) > 100);

        // In the middle between the classes: the offsets themselves would do, and are near.
        Assert.All(offsets.Zip(thresholds), pair => Assert.InRange(pair.Second - thresholds[3], pair.First - 1.5, pair.First + 1.5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Fit_OverlappingScores_HasNoMoreErrorsThanAnyChangeOfOneThreshold(int seed)
    {
        (float[] scores, sbyte[] labels) = Scores(150, 0.5, [1, 2, 3, -1], seed);
        float[] thresholds = ClassThresholdFit.Fit(scores, labels, Classes);
        int errors = Errors(scores, labels, thresholds);
        Assert.True(errors <= Errors(scores, labels, OneVsRest(scores, labels)));
        for (int k = 0; k < Classes; k++)
        {
            float own = thresholds[k];
            for (float move = -3; move <= 3; move += 0.01f)
            {
                thresholds[k] = own + move;
                Assert.True(Errors(scores, labels, thresholds) >= errors, $"class {k} moved by {move}");
            }

            thresholds[k] = own;
        }

        Assert.Equal(thresholds, ClassThresholdFit.Fit(scores, labels, Classes));
    }

    [Fact]
    public void Fit_WrongLengths_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassThresholdFit.Fit([], [], 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassThresholdFit.Fit([1, 2], [0], 3));
    }

    private static float[] OneVsRest(float[] scores, sbyte[] labels) =>
    [
        .. Enumerable.Range(0, Classes).Select(k => (float)ThresholdFit.Fit<float>(
            [.. labels.Select((_, i) => scores[(i * Classes) + k])], [.. labels.Select(label => (sbyte)(label == k ? 1 : -1))]).Threshold),
    ];

    private static (float[] Scores, sbyte[] Labels) Scores(int count, double lead, float[] offsets, int seed = 1)
    {
        var random = new RandomStream(seed, "scores");
        sbyte[] labels = [.. Enumerable.Range(0, count).Select(i => (sbyte)(i % Classes))];
        double spread = lead > 1 ? 0.4 : 1;
        float[] scores = [.. Enumerable.Range(0, count * Classes).Select(i =>
            (float)(offsets[i % Classes] + (labels[i / Classes] == i % Classes ? lead : 0) + (spread * random.NextNormal())))];
        return (scores, labels);
    }

    private static int Errors(float[] scores, sbyte[] labels, float[] thresholds) =>
        labels.Where((label, i) => Decision.By(thresholds).Margin(scores.AsSpan(i * Classes, Classes), label) <= 0).Count();
}
