namespace Differential.Core.Decisions;

/// <summary>What fitted thresholds are to be best at.</summary>
/// <param name="Kind">The figure.</param>
/// <param name="FalsePositiveRate">Of two classes, the largest share of negative samples above the threshold; with that kind alone.</param>
public sealed record ThresholdGoal(ThresholdGoalKind Kind, double? FalsePositiveRate = null)
{
    public static ThresholdGoal Accuracy { get; } = new(ThresholdGoalKind.Accuracy);

    public static ThresholdGoal BalancedAccuracy { get; } = new(ThresholdGoalKind.BalancedAccuracy);

    /// <summary>The most positive samples above the threshold with at most this share of the negative ones.</summary>
    public static ThresholdGoal AtFalsePositiveRate(double rate) => new(ThresholdGoalKind.FalsePositiveRate, rate);

    /// <summary>How good a decision is at it: the accuracy, the mean over the classes of their accuracies, or of two classes the share of positive samples that are found.</summary>
    /// <param name="decision">With its thresholds.</param>
    /// <param name="scores">[count, scores].</param>
    /// <param name="labels">[count].</param>
    public double Of(Decision decision, ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        ArgumentNullException.ThrowIfNull(decision);
        if (Kind == ThresholdGoalKind.Accuracy)
        {
            return decision.Accuracy(scores, labels);
        }

        double[] perClass = decision.ClassAccuracies(scores, labels);
        return Kind == ThresholdGoalKind.FalsePositiveRate ? perClass[0] : perClass.Where(static share => !double.IsNaN(share)).Average();
    }
}

/// <summary>A figure that thresholds are fitted for.</summary>
public enum ThresholdGoalKind
{
    /// <summary>The fewest errors.</summary>
    Accuracy,

    /// <summary>The largest mean over the classes of the share decided rightly.</summary>
    BalancedAccuracy,

    /// <summary>A given share of negative samples taken for positive ones, at most.</summary>
    FalsePositiveRate,
}
