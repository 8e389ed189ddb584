
using Differential.Core.Decisions;
using Differential.Core.Losses;

namespace Differential.Core.Training;

/// <summary>Decisions of scores against labels.</summary>
internal static class Evaluation
{
    /// <summary>The thresholds that a rule sets for training scores, one for each score of a sample.</summary>
    public static float[] Thresholds(ThresholdRule rule, ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        int count = scores.Length / labels.Length;
        if (rule == ThresholdRule.Zero)
        {
            return new float[count];
        }

        if (count > 1)
        {
            return ClassThresholdFit.Fit(scores, labels, count);
        }

        // Rounded down: a score just above the fitted threshold stays above it.
        double fitted = ThresholdFit.Fit(scores, labels).Threshold;
        float threshold = (float)fitted;
        return [threshold > fitted ? MathF.BitDecrement(threshold) : threshold];
    }

    /// <summary>Share of samples on the right side: positive exactly where the score exceeds the threshold; of several scores the largest above its threshold.</summary>
    public static double Accuracy(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, ReadOnlySpan<float> thresholds)
    {
        int correct = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            bool right = thresholds.Length == 1
                ? scores[i] > thresholds[0] == labels[i] > 0
                : ClassMargin.Smallest(scores.Slice(i * thresholds.Length, thresholds.Length), thresholds, labels[i]) > 0;
            correct += right ? 1 : 0;
        }

        return correct / (double)labels.Length;
    }

    /// <summary>Smallest y·(score − threshold); of several scores the smallest margin of a class over another.</summary>
    public static double Margin(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, ReadOnlySpan<float> thresholds)
    {
        double smallest = double.PositiveInfinity;
        for (int i = 0; i < labels.Length; i++)
        {
            smallest = Math.Min(smallest, ClassMargin.OfLabel(scores.Slice(i * thresholds.Length, thresholds.Length), thresholds, labels[i]));
        }

        return smallest;
    }

    /// <summary>The first <paramref name="limit"/> samples of an order that the seed decides; all of them in their order where there are no more.</summary>
    public static int[] Samples(int count, int limit, long seed, string set)
    {
        int[] samples = [.. Enumerable.Range(0, count)];
        if (count <= limit)
        {
            return samples;
        }

        new RandomStream(seed, $"evaluation {set}").Shuffle<int>(samples);
        Array.Resize(ref samples, limit);
        Array.Sort(samples);
        return samples;
    }
}
