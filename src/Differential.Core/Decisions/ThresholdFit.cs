using System.Numerics;

namespace Differential.Core.Decisions;

/// <summary>A threshold t fitted to training scores; a score above t is the positive class.</summary>
/// <param name="Threshold">t.</param>
/// <param name="Errors">Training samples that it puts on the wrong side.</param>
public readonly record struct FittedThreshold(double Threshold, int Errors);

/// <summary>
/// Fits the threshold of scores. Where the classes separate it is the midpoint between the lowest positive and the
/// highest negative score, else the middle of the thresholds with the fewest training errors: these form gaps between
/// neighbouring distinct scores, and the threshold is the midpoint of the middle one of them (of an even number the
/// lower of the two middle ones), so that it has the fewest errors itself. Below the lowest and above the highest
/// score a gap counts as long as all scores together reach (1 where they are all equal).
/// </summary>
public static class ThresholdFit
{
    /// <summary>O(n log n).</summary>
    /// <param name="scores">[count], finite, at least one.</param>
    /// <param name="labels">[count], +1 or −1; one class alone is allowed.</param>
    public static FittedThreshold Fit<T>(ReadOnlySpan<T> scores, ReadOnlySpan<sbyte> labels)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfZero(scores.Length, nameof(scores));
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, scores.Length, nameof(labels));
        double[] sorted = new double[scores.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            sorted[i] = double.CreateChecked(scores[i]);
            if (!double.IsFinite(sorted[i]))
            {
                throw new ArgumentException($"score {i} is {sorted[i]}", nameof(scores));
            }
        }

        sbyte[] sides = labels.ToArray();
        Array.Sort(sorted, sides);

        // Below all scores everything is taken for positive: the errors are the negatives.
        int errors = sides.Count(side => side < 0);
        int fewest = errors;
        List<int> gaps = [0];
        for (int end = 1; end <= sorted.Length; end++)
        {
            errors += sides[end - 1] > 0 ? 1 : -1;
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
