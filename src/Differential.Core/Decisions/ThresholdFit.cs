using System.Numerics;

namespace Differential.Core.Decisions;

/// <summary>A threshold t fitted to training scores; a score above t is the positive class.</summary>
/// <param name="Threshold">t.</param>
/// <param name="Errors">Samples that it puts on the wrong side; where samples have weights, the sum of theirs.</param>
internal readonly record struct FittedThreshold(double Threshold, long Errors);

/// <summary>
/// Fits the threshold of scores. Where the classes separate it is the midpoint between the lowest positive and the
/// highest negative score, else the middle of the thresholds with the fewest training errors: these form gaps between
/// neighbouring distinct scores, and the threshold is the midpoint of the middle one of them (of an even number the
/// lower of the two middle ones), so that it has the fewest errors itself. Below the lowest and above the highest
/// score a gap counts as long as all scores together reach (1 where they are all equal).
/// </summary>
internal static class ThresholdFit
{
    /// <summary>What all samples of a class weigh together, of three classes or more: shares of it are rounded to 10⁻⁶ or better.</summary>
    private const long WeightUnit = 1L << 40;

    /// <summary>O(n log n).</summary>
    /// <param name="scores">[count], finite, at least one.</param>
    /// <param name="labels">[count], +1 or −1; one class alone is allowed.</param>
    /// <param name="weights">[count], what an error at each sample costs, at least 0; 1 where none are given.</param>
    public static FittedThreshold Fit<T>(ReadOnlySpan<T> scores, ReadOnlySpan<sbyte> labels, ReadOnlySpan<long> weights = default)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfZero(scores.Length, nameof(scores));
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, scores.Length, nameof(labels));
        double[] sorted = Finite(scores);
        long[] gains = new long[scores.Length];
        long errors = 0;
        for (int i = 0; i < gains.Length; i++)
        {
            long weight = weights.IsEmpty ? 1 : weights[i];
            gains[i] = labels[i] > 0 ? weight : -weight;

            // Below all scores everything is taken for positive: the errors are the negatives.
            errors += labels[i] < 0 ? weight : 0;
        }

        Array.Sort(sorted, gains);
        long fewest = errors;
        List<int> gaps = [0];
        for (int end = 1; end <= sorted.Length; end++)
        {
            errors += gains[end - 1];
            if (errors > fewest || (end < sorted.Length && sorted[end] == sorted[end - 1]))
            {
                continue;
            }

            if (errors < fewest)
            {
                fewest = errors;
                gaps.Clear();
            }

            gaps.Add(end);
        }

        return new FittedThreshold(Middle(sorted, gaps[(gaps.Count - 1) / 2]), fewest);
    }

    /// <summary>
    /// The lowest threshold above which at most a share of the negative scores lie, so that the most positive ones do: the middle of the gap
    /// above the first negative score that must not.
    /// </summary>
    /// <param name="scores">[count], finite, at least one.</param>
    /// <param name="labels">[count], +1 or −1; without a negative one everything is taken for positive.</param>
    /// <param name="rate">In [0, 1).</param>
    public static FittedThreshold AtFalsePositiveRate<T>(ReadOnlySpan<T> scores, ReadOnlySpan<sbyte> labels, double rate)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfZero(scores.Length, nameof(scores));
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, scores.Length, nameof(labels));
        double[] sorted = Finite(scores);
        sbyte[] sides = labels.ToArray();
        double[] negatives = [.. sorted.Where((_, i) => sides[i] < 0).OrderDescending()];
        Array.Sort(sorted, sides);
        int allowed = (int)Math.Floor(rate * negatives.Length);
        int below = allowed >= negatives.Length ? 0 : Array.FindLastIndex(sorted, score => score == negatives[allowed]) + 1;
        double threshold = Middle(sorted, below);
        return new FittedThreshold(threshold, sorted.Where((score, i) => score > threshold != sides[i] > 0).Count());
    }

    /// <summary>Weights with which the fewest errors are the largest mean over the classes of the share decided rightly.</summary>
    /// <param name="labels">[count], +1 or −1; of several scores the class.</param>
    /// <param name="scores">1 for two classes, else one for each class.</param>
    public static long[] BalancingWeights(ReadOnlySpan<sbyte> labels, int scores)
    {
        // Of two classes an error of one weighs as many as the other has: exact.
        var counts = new Dictionary<sbyte, int>();
        foreach (sbyte label in labels)
        {
            counts[label] = counts.GetValueOrDefault(label) + 1;
        }

        var weights = new long[labels.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            int own = counts[labels[i]];
            weights[i] = scores == 1 ? Math.Max(1, labels.Length - own) : WeightUnit / own;
        }

        return weights;
    }

    private static double[] Finite<T>(ReadOnlySpan<T> scores)
        where T : IFloatingPointIeee754<T>
    {
        double[] values = new double[scores.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = double.CreateChecked(scores[i]);
            if (!double.IsFinite(values[i]))
            {
                throw new ArgumentException($"score {i} is {values[i]}", nameof(scores));
            }
        }

        return values;
    }

    /// <summary>The middle of the gap that has <paramref name="below"/> of the ascending scores below it.</summary>
    private static double Middle(double[] sorted, int below)
    {
        double range = sorted[^1] - sorted[0];
        range = range > 0 ? range : 1;
        double low = below > 0 ? sorted[below - 1] : sorted[0] - range;
        double high = below < sorted.Length ? sorted[below] : sorted[^1] + range;
        double middle = low + ((high - low) / 2);

        // Neighbouring doubles have no midpoint between them: the lower one does, for a score above it is positive.
        return middle < high ? middle : low;
    }
}
