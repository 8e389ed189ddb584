namespace Differential.Core.Decisions;

/// <summary>
/// Fits a threshold for each class's score, so that the class is the one whose score less its threshold is the largest. It starts at the
/// fits of each class against the rest, then goes through the classes in turn and sets each one's threshold, the others held, to the
/// middle of those with the fewest training errors (<see cref="ThresholdFit"/>), until a round saves no error. No step adds one.
/// </summary>
internal static class ClassThresholdFit
{
    private const int MostRounds = 20;

    /// <summary>O(rounds·K·n·(K + log n)); the same scores give the same thresholds.</summary>
    /// <param name="scores">[count, classes], finite, at least one sample.</param>
    /// <param name="labels">[count], classes from 0.</param>
    /// <param name="classes">K.</param>
    /// <param name="goal">The fewest errors by default, or the largest mean over the classes of the share decided rightly.</param>
    /// <exception cref="NotSupportedException">A false-positive rate.</exception>
    public static float[] Fit(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes, ThresholdGoal? goal = null)
    {
        if (goal?.Kind == ThresholdGoalKind.FalsePositiveRate)
        {
            throw new NotSupportedException("a false-positive rate is of two classes");
        }

        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, labels.Length * classes, nameof(scores));
        long[] weights = goal?.Kind == ThresholdGoalKind.BalancedAccuracy ? ThresholdFit.BalancingWeights(labels, classes) : [.. Enumerable.Repeat(1L, labels.Length)];
        var thresholds = new double[classes];
        for (int number = 0; number < classes; number++)
        {
            thresholds[number] = AgainstTheRest(scores, labels, weights, classes, number);
        }

        long fewest = long.MaxValue;
        for (int round = 0; round < MostRounds; round++)
        {
            long errors = 0;
            for (int number = 0; number < classes; number++)
            {
                errors = Improve(scores, labels, weights, thresholds, number);
            }

            if (errors >= fewest || errors == 0)
            {
                break;
            }

            fewest = errors;
        }

        return [.. thresholds.Select(static threshold => (float)threshold)];
    }

    private static double AgainstTheRest(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, ReadOnlySpan<long> weights, int classes, int number)
    {
        var own = new float[labels.Length];
        var sides = new sbyte[labels.Length];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = scores[(i * classes) + number];
            sides[i] = (sbyte)(labels[i] == number ? 1 : -1);
        }

        return ThresholdFit.Fit<float>(own, sides, weights).Threshold;
    }

    /// <summary>
    /// Sets one class's threshold. A sample of the class is right where the threshold is below its score less the best of the others, a
    /// sample of another class that the others decide rightly where it is above its score less its own class's: two sides of one
    /// threshold. All other samples are wrong whatever it is.
    /// </summary>
    /// <returns>The weight of the errors with it.</returns>
    private static long Improve(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, ReadOnlySpan<long> weights, double[] thresholds, int number)
    {
        int classes = thresholds.Length;
        List<double> values = [];
        List<sbyte> sides = [];
        List<long> own = [];
        long lost = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> row = scores.Slice(i * classes, classes);
            int best = -1;
            for (int k = 0; k < classes; k++)
            {
                if (k != number && (best < 0 || row[k] - thresholds[k] > row[best] - thresholds[best]))
                {
                    best = k;
                }
            }

            if (labels[i] == number || labels[i] == best)
            {
                values.Add(row[number] - (row[best] - thresholds[best]));
                sides.Add((sbyte)(labels[i] == number ? 1 : -1));
                own.Add(weights[i]);
            }
            else
            {
                lost += weights[i];
            }
        }

        if (values.Count == 0)
        {
            return lost;
        }

        FittedThreshold fitted = ThresholdFit.Fit<double>(values.ToArray(), sides.ToArray(), own.ToArray());
        thresholds[number] = fitted.Threshold;
        return fitted.Errors + lost;
    }
}
