namespace Differential.Core.Numerics;

/// <summary>Eigenvalues of symmetric tridiagonal matrices.</summary>
internal static class TridiagonalEigen
{
    /// <summary>
    /// The largest eigenvalue, by bisection on Sturm's count from Gershgorin's interval, rounded up within a relative 10⁻¹².
    /// NaN where an element is not finite.
    /// </summary>
    /// <param name="diagonal">[k], at least one.</param>
    /// <param name="beside">[at least k − 1]: the elements beside the diagonal.</param>
    public static double Largest(IReadOnlyList<double> diagonal, IReadOnlyList<double> beside)
    {
        double low = double.NegativeInfinity;
        double high = double.NegativeInfinity;
        for (int i = 0; i < diagonal.Count; i++)
        {
            double radius = (i > 0 ? Math.Abs(beside[i - 1]) : 0) + (i + 1 < diagonal.Count ? Math.Abs(beside[i]) : 0);
            low = Math.Max(low, diagonal[i]);
            high = Math.Max(high, diagonal[i] + radius);
            if (!double.IsFinite(diagonal[i] + radius))
            {
                return double.NaN;
            }
        }

        // The largest diagonal element is a Rayleigh quotient: no eigenvalue that is the largest lies below it.
        while (high - low > 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high)))
        {
            double middle = low + ((high - low) / 2);
            if (middle <= low || middle >= high)
            {
                break;
            }

            if (AllBelow(diagonal, beside, middle))
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return high;
    }

    /// <summary>Whether x − T is positive definite: every pivot of its factorisation is positive.</summary>
    private static bool AllBelow(IReadOnlyList<double> diagonal, IReadOnlyList<double> beside, double x)
    {
        double pivot = 1;
        for (int i = 0; i < diagonal.Count; i++)
        {
            double previous = i > 0 ? beside[i - 1] : 0;
            pivot = x - diagonal[i] - (previous * previous / pivot);
            if (!(pivot > 0))
            {
                return false;
            }
        }

        return true;
    }
}
