namespace Differential.Core.Decisions;

/// <summary>
/// Fits a threshold for each class's score, so that the class is the one whose score less its threshold is the largest. It starts at the
/// fits of each class against the rest, then goes through the classes in turn and sets each one's threshold, the others held, to the
/// middle of those with the fewest training errors (<see cref="ThresholdFit"/>), until a round saves no error. No step adds one.
/// </summary>
public static class ClassThresholdFit
{
    private const int MostRounds = 20;

    /// <summary>O(rounds·K·n·(K + log n)); the same scores give the same thresholds.</summary>
    /// <param name="scores">[count, classes], finite, at least one sample.</param>
    /// <param name="labels">[count], classes from 0.</param>
    /// <param name="classes">K.</param>
    public static float[] Fit(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, labels.Length * classes, nameof(scores));
        var thresholds = new double[classes];
        for (int number = 0; number < classes; number++)
        {
            thresholds[number] = AgainstTheRest(scores, labels, classes, number);
        }

        int fewest = int.MaxValue;
        for (int round = 0; round < MostRounds; round++)
        {
            int errors = 0;
            for (int number = 0; number < classes; number++)
            {
                errors = Improve(scores, labels, thresholds, number);
            }

            if (errors >= fewest || errors == 0)
            {
                break;
            }

            fewest = errors;
        }

        return [.. thresholds.Select(static threshold => (float)threshold)];
    }

    private static double AgainstTheRest(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes, int number)
    {
        var own = new float[labels.Length];
        var sides = new sbyte[labels.Length];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = scores[(i * classes) + number];
            sides[i] = (sbyte)(labels[i] == number ? 1 : -1);
        }

        return ThresholdFit.Fit<float>(own, sides).Threshold;
    }

    /// <summary>
    /// Sets one class's threshold. A sample of the class is right where the threshold is below its score less the best of the others, a
    /// sample of another class that the others decide rightly where it is above its score less its own class's: two sides of one
    /// threshold. All other samples are wrong whatever it is.
    /// </summary>
    /// <returns>The training errors with it.</returns>
    private static int Improve(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, double[] thresholds, int number)
    {
        int classes = thresholds.Length;
        List<double> values = [];
        List<sbyte> sides = [];
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
            }
        }

        if (values.Count == 0)
        {
            return labels.Length;
        }

        FittedThreshold fitted = ThresholdFit.Fit<double>(values.ToArray(), sides.ToArray());
        thresholds[number] = fitted.Threshold;
        return fitted.Errors + labels.Length - values.Count;
    }
}
