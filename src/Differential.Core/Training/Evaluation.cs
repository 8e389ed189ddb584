using Differential.Core.Losses;
using Differential.Core.Margins;

namespace Differential.Core.Training;

/// <summary>Decisions of scores against labels.</summary>
internal static class Evaluation
{
    /// <summary>The threshold that a rule sets for training scores.</summary>
    public static float Threshold(ThresholdRule rule, ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        if (rule == ThresholdRule.Zero)
        {
            return 0f;
        }

        // Rounded down: a score just above the fitted threshold stays above it.
        double fitted = ThresholdFit.Fit(scores, labels).Threshold;
        float threshold = (float)fitted;
        return threshold > fitted ? MathF.BitDecrement(threshold) : threshold;
    }

    /// <summary>Share of samples on the right side: positive exactly where the score exceeds the threshold.</summary>
    public static double Accuracy(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, float threshold)
    {
        int correct = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            correct += scores[i] > threshold == labels[i] > 0 ? 1 : 0;
        }

        return correct / (double)scores.Length;
    }

    /// <summary>Smallest y·(score − threshold).</summary>
    public static double Margin(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, float threshold)
    {
        double smallest = double.PositiveInfinity;
        for (int i = 0; i < scores.Length; i++)
        {
            smallest = Math.Min(smallest, labels[i] * ((double)scores[i] - threshold));
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
