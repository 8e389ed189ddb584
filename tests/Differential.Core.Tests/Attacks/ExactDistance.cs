
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

/// <summary>
/// The exact distance from a sample to the boundary of a linear score within a box. The nearest point is
/// clip(x − y·λ·w) for L2 (from the conditions of Karush, Kuhn and Tucker) and clip(x − y·λ·sign(w)) for L∞, with the
/// smallest λ that reaches the boundary, found by bisection in float64. For L1 elements go to their bounds one after another, the largest |w| first, the last as
/// far as it must.
/// </summary>
internal static class ExactDistance
{
    /// <returns>∞ where no point of the box lies on the boundary.</returns>
    public static double Of(LinearScoreModel model, ReadOnlySpan<float> x, sbyte label, AttackNorm norm, float low, float high)
    {
        float[] weight = model.Weight;
        double threshold = model.Threshold;
        if (norm == AttackNorm.L1)
        {
            return InL1(model, x, label, low, high);
        }

        double[] point = new double[x.Length];
        double[] start = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            start[i] = x[i];
        }

        double upper = 1;
        while (Margin(upper) > 0)
        {
            upper *= 2;
            if (upper > 1e12)
            {
                return double.PositiveInfinity;
            }
        }

        double lower = 0;
        for (int step = 0; step < 200; step++)
        {
            double middle = (lower + upper) / 2;
            (lower, upper) = Margin(middle) > 0 ? (middle, upper) : (lower, middle);
        }

        Margin(upper);
        return norm == AttackNorm.L2
            ? Math.Sqrt(point.Zip(start, (a, b) => (a - b) * (a - b)).Sum())
            : point.Zip(start, (a, b) => Math.Abs(a - b)).Max();

        double Margin(double length)
        {
            double sum = model.Bias - threshold;
            for (int i = 0; i < point.Length; i++)
            {
                double direction = norm == AttackNorm.L2 ? weight[i] : Math.Sign(weight[i]);
                point[i] = Math.Clamp(start[i] - (label * length * direction), low, high);
                sum += point[i] * weight[i];
            }

            return label * sum;
        }
    }

    private static double InL1(LinearScoreModel model, ReadOnlySpan<float> x, sbyte label, double low, double high)
    {
        float[] clean = x.ToArray();
        double margin = label * (model.Bias - model.Threshold + clean.Zip(model.Weight, static (value, w) => (double)value * w).Sum());
        double distance = 0;
        foreach ((float value, float w) in clean.Zip(model.Weight).OrderByDescending(static pair => Math.Abs(pair.Second)))
        {
            double room = label * w > 0 ? value - low : high - value;
            double way = Math.Min(room, Math.Max(margin, 0) / Math.Abs((double)w));
            margin -= way * Math.Abs((double)w);
            distance += way;
        }

        return margin > 1e-12 ? double.PositiveInfinity : distance;
    }
}
