using Differential.Kernels.Losses;

namespace Differential.Kernels.Tests.Losses;

/// <summary>ℓ, ℓ' and the pairwise loss in double precision, pair by pair.</summary>
internal static class ReferenceSurrogate
{
    public static (double Value, double Slope) At(Surrogate surrogate, double d)
    {
        switch (surrogate)
        {
            case Surrogate.Logistic:
                double tail = Math.Exp(-Math.Abs(d));
                double log = tail < 1e-5 ? tail - (tail * tail / 2) : Math.Log(1 + tail);
                return (Math.Max(-d, 0) + log, -(d < 0 ? 1 : tail) / (1 + tail));
            case Surrogate.Squared:
                return ((1 - d) * (1 - d), -2 * (1 - d));
            case Surrogate.Hinge:
                return (Math.Max(0, 1 - d), d < 1 ? -1 : 0);
            case Surrogate.Linear:
                return (-d, -1);
            default:
                return (Math.Exp(-d), -Math.Exp(-d));
        }
    }

    public static (double Loss, double[] Gradient) Pairs(PairwiseForm form, float[] scores, float[] labels)
    {
        int[] positives = [.. Enumerable.Range(0, scores.Length).Where(i => labels[i] > 0)];
        int[] negatives = [.. Enumerable.Range(0, scores.Length).Where(i => labels[i] < 0)];
        bool all = form.Pairs == PairSelection.All;
        double count = all ? (double)positives.Length * negatives.Length : Math.Min(positives.Length, negatives.Length);
        var gradient = new double[scores.Length];
        double loss = 0;
        for (int p = 0; p < positives.Length; p++)
        {
            for (int n = all ? 0 : p; n < (all ? negatives.Length : Math.Min(p + 1, negatives.Length)); n++)
            {
                int i = positives[p];
                int j = negatives[n];
                (double value, double slope) = At(form.Surrogate, form.Temperature * ((double)scores[i] - scores[j] - (2.0 * form.Margin)));
                if (!all && form.Surrogate == Surrogate.Exponential)
                {
                    // A matched pair's exponential saturates by itself, as a sample's does.
                    value = Math.Min(value, float.MaxValue);
                    slope = Math.Max(slope, -float.MaxValue);
                }

                loss += value / count;
                gradient[i] += form.Temperature * slope / count;
                gradient[j] -= form.Temperature * slope / count;
            }
        }

        return (loss, gradient);
    }
}
