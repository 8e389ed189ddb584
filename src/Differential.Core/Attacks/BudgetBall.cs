using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>
/// The ball of a budget, decided in float64 on float32 inputs. Attacks project in float32, which may end a rounding outside; here such an
/// input comes back in, element by element towards the clean one.
/// </summary>
internal static class BudgetBall
{
    /// <summary>The largest distance that a budget allows: itself, or the float32 nearest to it where that is larger.</summary>
    public static double Limit(double epsilon) => Math.Max(epsilon, (float)epsilon);

    /// <summary>Pulls <paramref name="x"/> into the ball where it lies outside. No element moves away from the clean one.</summary>
    public static void PullIn(Span<float> x, ReadOnlySpan<float> clean, AttackNorm norm, double limit)
    {
        double distance = FlipDistances.Between(x, clean).In(norm);
        if (!(distance > limit))
        {
            return;
        }

        // A little less than the quotient, so that the roundings of the sum of squares stay below the limit.
        double shrink = limit / distance * (1 - 1e-14);
        for (int i = 0; i < x.Length; i++)
        {
            double change = (double)x[i] - clean[i];
            double allowed = norm == AttackNorm.Linf ? Math.Min(Math.Abs(change), limit) : Math.Abs(change) * shrink;
            x[i] = Towards(clean[i], change < 0 ? -allowed : allowed);
        }
    }

    /// <summary>The float32 nearest to clean + change that is no farther from clean.</summary>
    private static float Towards(float clean, double change)
    {
        float value = (float)(clean + change);
        if (Math.Abs((double)value - clean) <= Math.Abs(change))
        {
            return value;
        }

        return value > clean ? MathF.BitDecrement(value) : MathF.BitIncrement(value);
    }
}
