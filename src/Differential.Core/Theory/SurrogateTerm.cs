using Differential.Kernels.Losses;

namespace Differential.Core.Theory;

/// <summary>
/// One term ℓ(d) of a loss and −ℓ'(d), both multiplied by e^<see cref="Shift"/>, so that their ratio stays exact
/// where they themselves would be too small or too large for a double: normalised training goes on at losses like
/// e^−1000.
/// </summary>
internal readonly struct SurrogateTerm
{
    private readonly Surrogate _surrogate;
    private readonly double _unshift;

    /// <param name="surrogate">ℓ.</param>
    /// <param name="smallest">The smallest d of all terms: with it the largest term is neither zero nor infinite.</param>
    public SurrogateTerm(Surrogate surrogate, double smallest)
    {
        _surrogate = surrogate;
        Shift = surrogate switch
        {
            Surrogate.Logistic => Math.Max(0, smallest),
            Surrogate.Exponential => smallest,
            _ => 0,
        };
        _unshift = Math.Exp(-Shift);
    }

    public double Shift { get; }

    /// <param name="d">A score difference or signed margin, no smaller than the smallest.</param>
    /// <param name="slope">−ℓ'(d)·e^Shift.</param>
    /// <returns>ℓ(d)·e^Shift.</returns>
    public double Evaluate(double d, out double slope)
    {
        switch (_surrogate)
        {
            case Surrogate.Logistic:
                if (d < 0)
                {
                    double inverse = Math.Exp(d);
                    slope = 1 / (1 + inverse);
                    return (inverse * LogOnePlusShare(inverse)) - d;
                }

                return EvaluateLogistic(Math.Exp(Shift - d), out slope);

            case Surrogate.Exponential:
                slope = Math.Exp(Shift - d);
                return slope;

            case Surrogate.Hinge:
                slope = d < 1 ? 1 : 0;
                return Math.Max(0, 1 - d);

            case Surrogate.Squared:
                slope = 2 * (1 - d);
                return (1 - d) * (1 - d);

            default:
                throw new InvalidOperationException($"no such surrogate: {_surrogate}");
        }
    }

    /// <summary>The logistic term from e^(Shift − d), for any d above −700.</summary>
    public double EvaluateLogistic(double term, out double slope)
    {
        double odds = term * _unshift;
        slope = term / (1 + odds);
        return term * LogOnePlusShare(odds);
    }

    /// <summary>log(1 + x) / x to the last digits, x ≥ 0.</summary>
    private static double LogOnePlusShare(double x)
    {
        // The series spares the logarithm of the many small terms.
        if (x < 0.005)
        {
            return 1 - (x * ((1 / 2.0) - (x * ((1 / 3.0) - (x * ((1 / 4.0) - (x * ((1 / 5.0) - (x * ((1 / 6.0) - (x / 7.0)))))))))));
        }

        // What rounding takes from 1 + x is left out of the divisor too.
        double sum = 1 + x;
        return Math.Log(sum) / (sum - 1);
    }
}
