
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;

namespace Differential.Core.Certificates;

/// <summary>
/// Lower bounds on a network's margin over balls around samples, by boxes and by linear bounds (CROWN, Zhang et al. 2018), and the largest
/// ball that they certify. On the host, in double precision, of a copy of the weights; meant for small networks and some samples. The ball is
/// not cut off at the bounds of the inputs, so a bound holds with and without them. Of a linear model the bound is exact.
/// </summary>
public sealed class LinearBounds
{
    private const double FirstEpsilon = 1e-3;
    private const double LargestEpsilon = 1e6;

    private readonly InputNormalization _normalization;
    private readonly double[] _thresholds;
    private readonly IReadOnlyList<BoundLayer> _layers;
    private readonly int _leading;
    private readonly double[][] _leadingNorms;

    /// <exception cref="NotSupportedException">A layer of a kind that has no bounds.</exception>
    public LinearBounds(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _normalization = network.Normalization;
        _thresholds = [.. network.Thresholds];
        _layers = BoundNetwork.Of(network);
        _leading = _layers.TakeWhile(static layer => layer is AffineBoundLayer).Count();
        _leadingNorms = LeadingNorms();
    }

    /// <summary>A number that y·(score − threshold) is nowhere below, within ε of the sample; of several scores the smallest margin of the class.</summary>
    /// <param name="sample">As stored, before normalisation, channels last.</param>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    /// <param name="norm">Of the ball.</param>
    /// <param name="epsilon">Its radius, at least 0.</param>
    /// <param name="method">How.</param>
    public double LowerMargin(ReadOnlySpan<float> sample, int label, AttackNorm norm, double epsilon, BoundMethod method)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        return LowerMargin(Center(sample), label, norm, epsilon, method);
    }

    /// <summary>
    /// A distance within which the decision for the sample provably stays as <paramref name="label"/> says: bisection on the largest ε whose
    /// lower bound is positive, to a relative <paramref name="tolerance"/>, from below. 0 for a misclassified sample.
    /// </summary>
    public double Radius(ReadOnlySpan<float> sample, int label, AttackNorm norm, BoundMethod method, double tolerance = 1e-3)
    {
        double[] center = Center(sample);
        double margin = LowerMargin(center, label, norm, 0, BoundMethod.Interval);
        double room = Rounding(center, margin);
        if (margin <= room)
        {
            return 0;
        }

        double high = FirstEpsilon;
        while (high < LargestEpsilon && Certified(high))
        {
            high *= 2;
        }

        double low = high > FirstEpsilon ? high / 2 : 0;
        while (high - low > tolerance * high && high > 1e-12)
        {
            double middle = (low + high) / 2;
            (low, high) = Certified(middle) ? (middle, high) : (low, middle);
        }

        return low;

        bool Certified(double epsilon) => LowerMargin(center, label, norm, epsilon, method) > room;
    }

    /// <summary>What is left for the rounding of the scores at a sample, which for several scores may be far larger than their differences.</summary>
    private double Rounding(double[] center, double margin)
    {
        if (_thresholds.Length == 1)
        {
            return ScoreRounding.Of(margin, 2 * _thresholds[0]);
        }

        Box scores = Boxes(center, AttackNorm.L2, 0)[^1];
        return 2 * ScoreRounding.Of(scores.Low.Max(Math.Abs), _thresholds.Max(Math.Abs));
    }

    private double[] Center(ReadOnlySpan<float> sample)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sample.Length, _layers[0].Inputs, nameof(sample));
        IReadOnlyList<float> mean = _normalization.Mean;
        var center = new double[sample.Length];
        for (int i = 0; i < center.Length; i++)
        {
            center[i] = ((double)sample[i] - mean[i % mean.Count]) * _normalization.Scale;
        }

        return center;
    }

    private double LowerMargin(double[] center, int label, AttackNorm norm, double epsilon, BoundMethod method)
    {
        double radius = epsilon * _normalization.Scale;
        Box[] boxes = Boxes(center, norm, radius);
        var functions = new Box?[_layers.Count];
        if (method == BoundMethod.Interval)
        {
            return Differences(label).Min(ByBoxes);
        }

        for (int i = _leading; i < _layers.Count; i++)
        {
            if (_layers[i] is not PiecewiseBoundLayer layer)
            {
                continue;
            }

            Box bounds = layer.FunctionBounds(boxes[i]);

            // Before the first piecewise layer the boxes are exact, but not for differences.
            functions[i] = method == BoundMethod.Crown ? Tighten(layer, i, bounds) : bounds;
        }

        return Differences(label).Min(row => Math.Max(ByBoxes(row), Lower(row, _layers.Count) - VectorMath.Dot(row, _thresholds)));

        // Of a difference of two scores by the box in front of the last layer, which is dense; where that box is exact, exactly.
        double ByBoxes(double[] row)
        {
            double offset = VectorMath.Dot(row, _thresholds);
            if (row.Length == 1)
            {
                return row[0] > 0 ? boxes[^1].Low[0] - offset : -boxes[^1].High[0] - offset;
            }

            if (_leading == _layers.Count)
            {
                return Lower(row, _layers.Count) - offset;
            }

            var before = new double[_layers[^1].Inputs];
            double sum = ((AffineBoundLayer)_layers[^1]).Backward(row, before) - offset;
            for (int i = 0; i < before.Length; i++)
            {
                sum += before[i] * (before[i] > 0 ? boxes[^2].Low[i] : boxes[^2].High[i]);
            }

            return sum;
        }

        Box Tighten(PiecewiseBoundLayer layer, int index, Box bounds)
        {
            Parallel.For(0, layer.Functions, function =>
            {
                bounds.Low[function] = Math.Max(bounds.Low[function], Row(1));
                bounds.High[function] = Math.Min(bounds.High[function], -Row(-1));

                double Row(double sign)
                {
                    var row = new double[layer.Inputs];
                    layer.Function(function, sign, row);
                    return Lower(row, index);
                }
            });
            return bounds;
        }

        // Nowhere above ⟨row, input of a layer⟩ on the ball.
        double Lower(double[] row, int end)
        {
            double constant = 0;
            for (int i = end - 1; i >= 0; i--)
            {
                var before = new double[_layers[i].Inputs];
                constant += _layers[i] is AffineBoundLayer affine
                    ? affine.Backward(row, before)
                    : ((PiecewiseBoundLayer)_layers[i]).Relax(row, functions[i]!, before);
                row = before;
            }

            return constant + VectorMath.Dot(row, center) - (radius * DualNorm(row, norm));
        }
    }

    /// <summary>The rows over the scores whose smallest value is the margin: ±1, or +1 at the class and −1 at each other one.</summary>
    private IEnumerable<double[]> Differences(int label)
    {
        if (_thresholds.Length == 1)
        {
            yield return [label];
            yield break;
        }

        for (int other = 0; other < _thresholds.Length; other++)
        {
            if (other != label)
            {
                var row = new double[_thresholds.Length];
                (row[label], row[other]) = (1, -1);
                yield return row;
            }
        }
    }

    /// <summary>The box before each layer, and behind the last.</summary>
    private Box[] Boxes(double[] center, AttackNorm norm, double radius)
    {
        var boxes = new Box[_layers.Count + 1];
        boxes[0] = Box.Around(center, radius);
        double[] point = center;
        for (int i = 0; i < _layers.Count; i++)
        {
            boxes[i + 1] = _layers[i].Propagate(boxes[i]);
            if (i < _leading)
            {
                var next = new double[_layers[i].Outputs];
                ((AffineBoundLayer)_layers[i]).Forward(point, next);
                point = next;
            }

            if (i == _leading - 1)
            {
                boxes[i + 1] = Exact(point, _leadingNorms[(int)norm], radius);
            }
        }

        return boxes;
    }

    private static Box Exact(double[] point, double[] norms, double radius) => new(
        [.. point.Select((value, i) => value - (radius * norms[i]))],
        [.. point.Select((value, i) => value + (radius * norms[i]))]);

    /// <summary>Dual norms, by <see cref="AttackNorm"/>, of the rows of the affine layers before the first other one, taken together.</summary>
    private double[][] LeadingNorms()
    {
        if (_leading == 0)
        {
            return [];
        }

        int outputs = _layers[_leading - 1].Outputs;
        double[][] norms = [new double[outputs], new double[outputs]];
        Parallel.For(0, outputs, output =>
        {
            var row = new double[outputs];
            row[output] = 1;
            for (int i = _leading - 1; i >= 0; i--)
            {
                var before = new double[_layers[i].Inputs];
                ((AffineBoundLayer)_layers[i]).Backward(row, before);
                row = before;
            }

            norms[(int)AttackNorm.L2][output] = DualNorm(row, AttackNorm.L2);
            norms[(int)AttackNorm.Linf][output] = DualNorm(row, AttackNorm.Linf);
        });
        return norms;
    }

    /// <summary>The most that ⟨row, δ⟩ can be for ‖δ‖ ≤ 1, rounded up.</summary>
    private static double DualNorm(double[] row, AttackNorm norm) =>
        (norm == AttackNorm.Linf ? row.Sum(Math.Abs) : VectorMath.Norm(row)) * (1 + 1e-12);
}
