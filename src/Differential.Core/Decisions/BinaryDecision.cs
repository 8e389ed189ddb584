namespace Differential.Core.Decisions;

/// <summary>One score for two classes: +1 above the threshold, −1 at or below it. The margin is y·(score − threshold).</summary>
internal sealed class BinaryDecision(IReadOnlyList<float> thresholds) : Decision(thresholds)
{
    internal override int Targets => 0;

    internal override bool HasFixedSlopes => true;

    /// <summary>The fitted threshold, rounded down: a score just above it stays above it.</summary>
    public static float[] Fit(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, ThresholdGoal? goal)
    {
        double fitted = (goal?.Kind switch
        {
            ThresholdGoalKind.BalancedAccuracy => ThresholdFit.Fit(scores, labels, ThresholdFit.BalancingWeights(labels, 1)),
            ThresholdGoalKind.FalsePositiveRate => ThresholdFit.AtFalsePositiveRate(scores, labels, goal.FalsePositiveRate!.Value),
            _ => ThresholdFit.Fit(scores, labels),
        }).Threshold;
        float threshold = (float)fitted;
        return [threshold > fitted ? MathF.BitDecrement(threshold) : threshold];
    }

    public override double WideMargin(ReadOnlySpan<float> scores, sbyte label) => label * ((double)scores[0] - Thresholds[0]);

    internal override RowLabel Row(sbyte label) => new(label, sign: label);

    internal override float Margin(ReadOnlySpan<float> scores, RowLabel label) => label.Sign * (scores[0] - Thresholds[0]);

    internal override void LowerMargin(ReadOnlySpan<float> scores, RowLabel label, Span<float> slopes) => slopes[0] = -label.Sign;

    internal override void RaiseCrossEntropy(ReadOnlySpan<float> scores, RowLabel label, Span<float> slopes) =>
        slopes[0] = -label.Sign * Steepness(Margin(scores, label));

    internal override void Rank(ReadOnlySpan<float> scores, RowLabel label, Span<int> ranks)
    {
        // The one other class is always the nearest.
    }

    internal override void Sides(sbyte label, Span<float> sides) => sides[0] = label;
}
