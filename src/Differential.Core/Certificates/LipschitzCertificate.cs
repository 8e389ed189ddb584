using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;

namespace Differential.Core.Certificates;

/// <summary>
/// Distances within which a network's decision cannot change, by Lipschitz constants: the margin at the sample falls by at most the constant times
/// the distance. In float32 it falls by what the layers lose too, which grows with the distance: behind each layer the
/// float32 values are within a bound of the exact ones, in L2 and in L∞; the layer behind passes the bound on, times its norm, and adds
/// what its own sums lose at the magnitudes there (<see cref="SumRounding"/>). Of several scores the margins over each other class.
/// The L1 ball lies within the L2 ball of its radius: a distance in L1 is that in L2.
/// Of a network that ends with a dense layer, rectifiers and the last layer, the constant of these is that near the sample (<see cref="DenseTail"/>).
/// </summary>
public sealed class LipschitzCertificate
{
    /// <summary>A radius is looked for up to so many times the one that the layers' constants give.</summary>
    private const double MostGain = 16;

    private const double Tolerance = 1e-4;

    private readonly BoundNetwork _network;
    private readonly Arithmetic _arithmetic;
    private readonly LayerBound[] _layers;
    private readonly AffineBoundLayer _last;
    private readonly double[][] _rows;
    private readonly Dictionary<(int Own, int Other), double[]> _differences = [];
    private readonly int _length;
    private readonly Dictionary<(int Own, int Other), LipschitzBound> _constants = [];
    private readonly DenseTail? _tail;
    private readonly (double L2, double Linf) _tailReach;

    /// <exception cref="NotSupportedException">A layer of a kind that has no bounds.</exception>
    /// <param name="network">The network, with its thresholds.</param>
    /// <param name="arithmetic">The networks whose decisions stay.</param>
    public LipschitzCertificate(Network network, Arithmetic arithmetic = Arithmetic.Rounded)
    {
        ArgumentNullException.ThrowIfNull(network);
        _arithmetic = arithmetic.On(network.Device);
        _length = network.Architecture.Input.Length;
        _network = new BoundNetwork(network);
        _layers = LipschitzBound.OfLayers(network, _network);
        _last = (AffineBoundLayer)_network.Layers[^1];
        _rows = [.. Enumerable.Range(0, _network.Scores).Select(score => Row(score, -1))];
        for (int own = 0; own < _network.Scores; own++)
        {
            for (int other = -1; other < _network.Scores; other++)
            {
                if (other >= 0 == _network.Scores > 1 && other != own)
                {
                    double[] row = _differences[(own, other)] = Row(own, other);
                    var last = new LayerBound(_network.Sources[^1].Index, BoundNetwork.DualNorm(row, AttackNorm.L2), BoundNetwork.DualNorm(row, AttackNorm.Linf));
                    _constants[(own, other)] = LipschitzBound.Of(_network, [.. _layers.SkipLast(1), last]);
                }
            }
        }

        _tail = DenseTail.Of(_network, _layers);
        _tailReach = _tail is null ? default : LipschitzBound.ReachInL2(_network, _layers, _network.Inputs[_tail.First][0]);
    }

    /// <summary>
    /// A distance within which the decision for the sample provably stays as <paramref name="label"/> says. 0 for a sample that is misclassified
    /// or level, ∞ where no input is decided otherwise, NaN where float32 may overflow at the sample itself.
    /// </summary>
    /// <param name="sample">As stored, before normalisation, channels last.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    /// <param name="norm">Of the distance.</param>
    public double Radius(ReadOnlySpan<float> sample, int label, AttackNorm norm) => Radii(sample, label, [norm])[0];

    /// <summary>The same in several norms, from one pass.</summary>
    /// <param name="sample">As stored, before normalisation, channels last.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    /// <param name="norms">Of the distances.</param>
    public double[] Radii(ReadOnlySpan<float> sample, int label, IReadOnlyList<AttackNorm> norms)
    {
        ArgumentNullException.ThrowIfNull(norms);
        Walk walk = Follow(_network.Input.Center(sample));
        return [.. norms.Select(norm => walk.Largest > 0 ? Radius(walk, label, norm) : double.NaN)];
    }

    private double Radius(Walk walk, int label, AttackNorm norm)
    {
        double smallest = double.PositiveInfinity;
        foreach ((int own, int other) in _constants.Keys)
        {
            if (_network.Scores == 1 || own == label)
            {
                smallest = Math.Min(smallest, Radius(walk, own, other, _network.Scores == 1 ? label : 1, norm));
            }
        }

        return smallest;
    }

    /// <summary>
    /// The sample's margin over the Lipschitz constant: a distance within which the real-valued network's decision stays, from scores that are
    /// known. In float32 <see cref="Radius(ReadOnlySpan{float}, int, AttackNorm)"/> is a little less, and takes a pass in double precision.
    /// </summary>
    /// <param name="decision">With the network's thresholds.</param>
    /// <param name="scores">Of the sample, before the thresholds.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    /// <param name="norm">Of the distance.</param>
    /// <returns>0 for a sample that is misclassified or level.</returns>
    public double MarginOverConstant(Decision decision, ReadOnlySpan<float> scores, sbyte label, AttackNorm norm)
    {
        ArgumentNullException.ThrowIfNull(decision);
        double smallest = double.PositiveInfinity;
        foreach (((int own, int other), LipschitzBound bound) in _constants)
        {
            if (scores.Length == 1 || own == label)
            {
                double margin = scores.Length == 1
                    ? decision.WideMargin(scores, label)
                    : (scores[own] - (double)decision.Thresholds[own]) - (scores[other] - (double)decision.Thresholds[other]);
                smallest = Math.Min(smallest, margin / (norm == AttackNorm.Linf ? bound.Linf : bound.L2));
            }
        }

        return Math.Max(0, smallest);
    }

    /// <summary>A distance that no sample of a margin is certified beyond, but for the margin's own rounding.</summary>
    /// <param name="margin">Of several scores the smallest one.</param>
    /// <param name="norm">Of the distance.</param>
    internal double Farthest(float margin, AttackNorm norm) => (_tail is null ? 1 : MostGain) * margin / _constants.Values.Min(bound => norm == AttackNorm.Linf ? bound.Linf : bound.L2);

    private bool Rounds => _arithmetic != Arithmetic.Exact;

    private double Radius(Walk walk, int own, int other, int sign, AttackNorm norm)
    {
        LipschitzBound constants = _constants[(own, other)];
        double margin = sign * (walk.Scores.Center[own] - (other < 0 ? 0 : walk.Scores.Center[other]));
        double constant = norm == AttackNorm.Linf ? constants.Linf : constants.L2;
        double best = double.NaN;
        foreach (AttackNorm measure in AttackNormNames.Common)
        {
            Growing lost = Lost(walk, constants.Layers[^1], own, measure);
            lost = other < 0 ? lost : lost + Lost(walk, null, other, measure);
            double perDistance = constant + (lost.PerDistance * InMeasure(norm, measure));
            double room = margin - lost.Constant;
            if (double.IsFinite(room) && double.IsFinite(perDistance))
            {
                double radius = room > 0 ? room / perDistance * (1 - (8 * SumRounding.DoubleUnit)) : 0;
                best = double.IsNaN(best) ? radius : Math.Max(best, radius);
            }
        }

        if (!double.IsFinite(best) || !(best > 0))
        {
            return best;
        }

        return Math.Min(NearTheSample(walk, own, other, margin, norm, best), walk.Largest / InMeasure(norm, AttackNorm.Linf));
    }

    /// <summary>The same with what is known of the last two layers near the sample, where that is more than <paramref name="known"/>.</summary>
    private double NearTheSample(Walk walk, int score, int other, double margin, AttackNorm norm, double known)
    {
        if (_tail is null || walk.Tail is not { } tail)
        {
            return known;
        }

        Growing[] own = [.. AttackNormNames.Common.Select(measure => Lost(walk, null, score, measure) + (other < 0 ? default : Lost(walk, null, other, measure)))];
        if (!Holds(known * (1 + Tolerance)))
        {
            return known;
        }

        (double low, double high) = (known, known * MostGain);
        while (high - low > Tolerance * high)
        {
            double middle = Math.Sqrt(low) * Math.Sqrt(high);
            (low, high) = Holds(middle) ? (middle, high) : (low, middle);
        }

        return low;

        bool Holds(double radius)
        {
            double moved = (radius * In(_tailReach, norm)) + tail.Before.At(radius * InMeasure(norm, AttackNorm.L2));
            double lost = tail.Lost.At(radius * InMeasure(norm, AttackNorm.L2));
            double lostOfOne = Math.Min(lost, tail.LostOfOne.At(radius * InMeasure(norm, AttackNorm.Linf)));
            double move = _tail.Move(_differences[(score, other)], tail.Values, moved, lost, lostOfOne);
            double rounding = AttackNormNames.Common.Min(measure => own[(int)measure].At(radius * InMeasure(norm, measure)));
            return (move + rounding) * (1 + (8 * SumRounding.DoubleUnit)) < margin;
        }
    }

    /// <summary>What the difference of two scores loses: what its inputs had lost, times its constant, where one is given; and what a score's own sum loses.</summary>
    private Growing Lost(Walk walk, LayerBound? difference, int score, AttackNorm measure)
    {
        int place = (int)measure;
        (Growing before, Growing moved) = (walk.Before[place], walk.Moved[place]);
        (double L2, double Linf) row = (BoundNetwork.DualNorm(_rows[score], AttackNorm.L2), BoundNetwork.DualNorm(_rows[score], AttackNorm.Linf));
        double grows = In(_last.ErrorGrowth(row, row, 1, _arithmetic), measure);
        Growing own = new Growing(walk.Scores.Error[score], 0) + (grows * moved);
        return difference is null ? own : own + ((measure == AttackNorm.Linf ? difference.Linf : difference.L2) * before);
    }

    /// <summary>The norm of normalised inputs in one measure that a distance of 1 of inputs as stored is at most.</summary>
    private double InMeasure(AttackNorm norm, AttackNorm measure) =>
        _network.Input.Radius(1) * (norm == AttackNorm.Linf && measure == AttackNorm.L2 ? Math.Sqrt(_length) : 1);

    /// <summary>Follows the sample through the layers, and with it what is lost.</summary>
    private Walk Follow(double[] center)
    {
        AttackNorm[] measures = [.. AttackNormNames.Common];
        double largest = (float.MaxValue / 4) - Norm(center, AttackNorm.Linf);

        // Of the input and of each layer's output: the values, and by measure how far inputs at distance 1 reach and what is lost.
        var values = new List<double[]> { center };
        var reach = new List<double[]> { measures.Select(static _ => 1.0).ToArray() };
        var lost = new List<Growing[]> { measures.Select(measure => OfInput(center, measure)).ToArray() };
        TailWalk? tail = null;
        for (int i = 0; ; i++)
        {
            BoundLayer layer = _network.Layers[i];
            double[] input = _network.Take(i, values);
            IReadOnlyList<int> inputs = _network.Inputs[i];
            double[] reached = [.. measures.Select((_, place) => inputs.Sum(source => reach[source + 1][place]))];
            Growing[] before = [.. measures.Select((_, place) => inputs.Aggregate(default(Growing), (sum, source) => sum + lost[source + 1][place]))];
            Growing[] own = new Growing[measures.Length];
            if (layer is AffineBoundLayer affine)
            {
                AffineImage image = affine.Image(input, new double[input.Length], _arithmetic);
                (double row, double column) = affine.AbsoluteSums();
                Growing[] moved = [.. measures.Select((_, place) => before[place] + new Growing(0, reached[place]))];

                // Up to here nothing overflows in float32.
                Growing size = row * moved[(int)AttackNorm.Linf];
                largest = Math.Min(largest, ((float.MaxValue / 4) - Norm(image.Magnitude, AttackNorm.Linf) - size.Constant) / size.PerDistance);
                if (i == _network.Layers.Count - 1)
                {
                    return new Walk(image, before, moved, largest, tail);
                }

                values.Add(image.Center);
                (double L2, double Linf) grows = affine.ErrorGrowth((_layers[i].L2, _layers[i].Linf), (Math.Sqrt(row) * Math.Sqrt(column), row), affine.Outputs, _arithmetic);
                for (int place = 0; place < measures.Length; place++)
                {
                    own[place] = new Growing(Norm(image.Error, measures[place]), 0) + (In(grows, measures[place]) * moved[place]);
                }

                if (i == _tail?.First)
                {
                    tail = new TailWalk(image.Center, before[(int)AttackNorm.L2], own[(int)AttackNorm.L2], own[(int)AttackNorm.Linf]);
                }
            }
            else
            {
                var piecewise = (PiecewiseBoundLayer)layer;
                values.Add(piecewise.Propagate(new Box(input, input)).Low);
                for (int place = 0; place < measures.Length && Rounds && piecewise.Loss > 0; place++)
                {
                    double outputs = measures[place] == AttackNorm.Linf ? 1 : Math.Sqrt(piecewise.Outputs);
                    own[place] = new Growing((piecewise.Loss * Norm(input, measures[place])) + (outputs * SumRounding.Smallest), 0)
                        + (piecewise.Loss * (before[place] + new Growing(0, reached[place])));
                }
            }

            double[] constants = [.. measures.Select(measure => measure == AttackNorm.Linf ? _layers[i].Linf : _layers[i].L2)];
            reach.Add([.. constants.Select((constant, place) => constant * inputs.Select((source, k) => layer.Share(k) * reach[source + 1][place]).Sum())]);
            lost.Add([.. constants.Select((constant, place) => (constant * inputs.Select((source, k) => layer.Share(k) * lost[source + 1][place]).Aggregate(static (sum, part) => sum + part)) + own[place])]);
        }
    }

    private Growing OfInput(double[] center, AttackNorm measure)
    {
        var errors = new double[center.Length];
        for (int i = 0; i < errors.Length; i++)
        {
            errors[i] = _network.Input.Error(Math.Abs(center[i]), _arithmetic);
        }

        return new Growing(Norm(errors, measure), _network.Input.Growth(_arithmetic));
    }

    private static double In((double L2, double Linf) values, AttackNorm measure) => measure == AttackNorm.Linf ? values.Linf : values.L2;

    private static double Norm(double[] values, AttackNorm measure) => measure == AttackNorm.L2 ? VectorMath.Norm(values) : values.Max(Math.Abs);

    private double[] Row(int own, int other)
    {
        var unit = new double[_network.Scores];
        unit[own] = 1;
        if (other >= 0)
        {
            unit[other] = -1;
        }

        var row = new double[_last.Inputs];
        _last.Backward(unit, row);
        return row;
    }

    /// <summary>A bound that grows with the distance from the sample, in normalised inputs: constant + per distance · distance.</summary>
    private readonly record struct Growing(double Constant, double PerDistance)
    {
        public static Growing operator +(Growing a, Growing b) => new(a.Constant + b.Constant, a.PerDistance + b.PerDistance);

        public static Growing operator *(double factor, Growing bound) => new(Times(factor, bound.Constant), Times(factor, bound.PerDistance));

        /// <summary>The bound at a distance.</summary>
        public double At(double distance) => Constant + (PerDistance * distance);

        // 0 times an unknown bound is 0: nothing depends on it.
        private static double Times(double factor, double value) => factor == 0 ? 0 : factor * value;
    }

    /// <summary>A sample's way to the scores.</summary>
    /// <param name="Scores">Of the last layer, at the sample.</param>
    /// <param name="Before">By measure, how far the float32 values before the last layer can be from the exact ones.</param>
    /// <param name="Moved">By measure, how far they can be from the exact ones of the sample.</param>
    /// <param name="Largest">Up to this L∞ distance of normalised inputs nothing overflows.</param>
    /// <param name="Tail">At the last dense layer but one, where <see cref="DenseTail"/> takes it and the last one together.</param>
    private sealed record Walk(AffineImage Scores, Growing[] Before, Growing[] Moved, double Largest, TailWalk? Tail);

    /// <summary>A sample's way past a dense layer.</summary>
    /// <param name="Values">Its outputs at the sample.</param>
    /// <param name="Before">How far the float32 values before it can be from the exact ones, in L2.</param>
    /// <param name="Lost">What it loses itself, all outputs together, in L2.</param>
    /// <param name="LostOfOne">What each output loses.</param>
    private sealed record TailWalk(double[] Values, Growing Before, Growing Lost, Growing LostOfOne);
}
