using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Certificates;

/// <summary>
/// Lower bounds on a network's margin over balls around samples, by boxes and by linear bounds (CROWN, Zhang et al. 2018), and the largest
/// ball that they certify. On the host, in double precision, of a copy of the weights; meant for small networks and some samples. The ball is
/// not cut off at the bounds of the inputs, so a bound holds with and without them. Of a linear model the bound is exact up to rounding.
/// </summary>
public sealed class LinearBounds
{
    /// <summary>A radius is looked for down to this share of the distance that the network's slope at the sample would allow.</summary>
    private const double SmallestShare = 1e-9;

    /// <summary>What no distance between float32 inputs is looked for beyond.</summary>
    private const double LargestRadius = 1e35;

    private readonly BoundNetwork _network;
    private readonly ComputeDevice _device;

    /// <exception cref="NotSupportedException">A layer of a kind that has no bounds.</exception>
    public LinearBounds(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = new BoundNetwork(network);
        _device = network.Device;
    }

    /// <summary>
    /// A number that y·(score − threshold) is nowhere below, within ε of the sample, of the real-valued network; of several scores
    /// the smallest margin of the class. −∞ where float64 overflows.
    /// </summary>
    /// <param name="sample">As stored, before normalisation, channels last.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    /// <param name="norm">Of the ball.</param>
    /// <param name="epsilon">Its radius, at least 0.</param>
    /// <param name="method">How.</param>
    public double LowerMargin(ReadOnlySpan<float> sample, int label, AttackNorm norm, double epsilon, BoundMethod method)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        return LowerMargin(_network.Input.Center(sample), label, norm, epsilon, method, Arithmetic.Exact);
    }

    /// <summary>
    /// A distance within which the decision for the sample provably stays as <paramref name="label"/> says: a search for the largest ε whose
    /// lower bound is positive, to a relative <paramref name="tolerance"/>, from below. 0 for a sample that is misclassified or level, ∞ where
    /// no input is decided otherwise, NaN where float32 may overflow at the sample itself.
    /// </summary>
    /// <param name="sample">As stored, before normalisation, channels last.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    /// <param name="norm">Of the distance.</param>
    /// <param name="method">How.</param>
    /// <param name="tolerance">Relative, of the search.</param>
    /// <param name="arithmetic">The networks whose decision stays.</param>
    public double Radius(ReadOnlySpan<float> sample, int label, AttackNorm norm, BoundMethod method, double tolerance = 1e-3, Arithmetic arithmetic = Arithmetic.Rounded)
    {
        arithmetic = arithmetic.On(_device);
        double[] center = _network.Input.Center(sample);
        if (BallBounds.Over(_network, center, norm, 0, BoundMethod.CrownInterval, arithmetic) is not { } point)
        {
            return double.NaN;
        }

        double margin = point.LowerMargin(label);
        if (!(margin > 0))
        {
            return 0;
        }

        (double low, double high) = (0, Math.Min(margin / point.Slope(label), LargestRadius));
        if (!(high > 0))
        {
            return double.NaN;
        }

        double smallest = SmallestShare * high;
        double atLow = margin;
        double atHigh = Lower(high);
        for (double factor = 2; atHigh > 0; factor *= factor)
        {
            if (high >= LargestRadius)
            {
                // A bound that does not depend on the radius holds for any.
                return atHigh == Lower(high / 1e5) ? double.PositiveInfinity : high;
            }

            (low, atLow, high) = (high, atHigh, Math.Min(high * factor, LargestRadius));
            atHigh = Lower(high);
        }

        while (low == 0 && high > smallest)
        {
            Try(high / 4);
        }

        // Where the line through both ends crosses 0, a little to the side that was not moved last; each third step halves.
        bool below = true;
        for (int step = 1; low > 0 && high - low > tolerance * high; step++)
        {
            double half = high > 4 * low ? Math.Sqrt(low) * Math.Sqrt(high) : (low / 2) + (high / 2);
            double crossing = low + ((high - low) * (atLow / (atLow - atHigh)));
            double aside = 0.4 * tolerance * high;
            double next = Math.Clamp(crossing + (below ? -aside : aside), low + aside, high - aside);
            below = !Try(step % 3 == 0 || !double.IsFinite(crossing) || !double.IsFinite(atHigh) ? half : next);
        }

        return low;

        bool Try(double epsilon)
        {
            double bound = Lower(epsilon);
            if (bound > 0)
            {
                (low, atLow) = (epsilon, bound);
            }
            else
            {
                (high, atHigh) = (epsilon, bound);
            }

            return bound > 0;
        }

        double Lower(double epsilon) => LowerMargin(center, label, norm, epsilon, method, arithmetic);
    }

    private double LowerMargin(double[] center, int label, AttackNorm norm, double epsilon, BoundMethod method, Arithmetic arithmetic) =>
        BallBounds.Over(_network, center, norm, _network.Input.Radius(epsilon), method, arithmetic)?.LowerMargin(label) ?? double.NegativeInfinity;
}
