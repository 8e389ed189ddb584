using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>How far an input that flips lies from its clean one, in each norm: of the float32 inputs, in float64.</summary>
/// <param name="L2">Euclidean; 0 or more.</param>
/// <param name="Linf">Largest absolute change; 0 or more.</param>
/// <param name="L1">Sum of absolute changes; 0 or more.</param>
public readonly record struct FlipDistances(double L2, double Linf, double L1)
{
    /// <summary>Of two inputs of the same length; NaN where one holds a NaN.</summary>
    public static FlipDistances Between(ReadOnlySpan<float> x, ReadOnlySpan<float> clean)
    {
        double squares = 0;
        double largest = 0;
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double change = Math.Abs((double)x[i] - clean[i]);
            squares += change * change;
            sum += change;
            largest = Math.Max(largest, change);
        }

        return new FlipDistances(Math.Sqrt(squares), largest, sum);
    }

    public double In(AttackNorm norm) => norm switch
    {
        AttackNorm.L2 => L2,
        AttackNorm.Linf => Linf,
        _ => L1,
    };
}
