using Differential.Core.Numerics;

namespace Differential.Core.Decisions;

/// <summary>Exact distances to the boundary of a linear model s(x) = w·x + b, x in the space in which w is given.</summary>
public static class LinearMargin
{
    /// <summary>
    /// The smallest signed L2 distance min y·s(x) / ‖w‖₂ of the samples to the boundary, from their scores; 0
    /// where w is zero.
    /// </summary>
    /// <param name="scores">[count], w·x + b, at least one.</param>
    /// <param name="labels">[count], +1 or −1.</param>
    /// <param name="weights">w.</param>
    public static double Smallest(ReadOnlySpan<double> scores, ReadOnlySpan<sbyte> labels, ReadOnlySpan<double> weights)
    {
        ArgumentOutOfRangeException.ThrowIfZero(scores.Length, nameof(scores));
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, scores.Length, nameof(labels));
        double norm = VectorMath.Norm(weights);
        double smallest = double.PositiveInfinity;
        for (int i = 0; i < scores.Length; i++)
        {
            smallest = Math.Min(smallest, labels[i] * scores[i]);
        }

        return norm > 0 ? smallest / norm : 0;
    }

    /// <summary>The same from the samples themselves, with the scores in double precision.</summary>
    /// <param name="samples">[count, d], row after row.</param>
    /// <param name="labels">[count], +1 or −1.</param>
    /// <param name="weights">w, [d].</param>
    /// <param name="bias">b.</param>
    public static double Smallest(ReadOnlySpan<float> samples, ReadOnlySpan<sbyte> labels, ReadOnlySpan<float> weights, double bias)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual((long)samples.Length, (long)labels.Length * weights.Length, nameof(samples));
        double[] wide = new double[weights.Length];
        for (int k = 0; k < wide.Length; k++)
        {
            wide[k] = weights[k];
        }

        double[] scores = new double[labels.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            ReadOnlySpan<float> sample = samples.Slice(i * wide.Length, wide.Length);
            double score = bias;
            for (int k = 0; k < wide.Length; k++)
            {
                score += wide[k] * sample[k];
            }

            scores[i] = score;
        }

        return Smallest(scores, labels, wide);
    }
}
