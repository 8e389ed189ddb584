using Differential.Core.Attacks;
using Differential.Core.Layers;

namespace Differential.Core.Margins;

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
    private readonly double _threshold;
    private readonly IReadOnlyList<BoundLayer> _layers;
    private readonly int _leading;
    private readonly double[][] _leadingNorms;

    /// <exception cref="NotSupportedException">A layer of a kind that has no bounds.</exception>
    public LinearBounds(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _normalization = network.Normalization;
        _threshold = network.Threshold;
        _layers = BoundNetwork.Of(network);
        _leading = _layers.TakeWhile(static layer => layer is AffineBoundLayer).Count();
        _leadingNorms = LeadingNorms();
    }

    /// <summary>A number that y·(score − threshold) is nowhere below, within ε of the sample.</summary>
    /// <param name="sample">As stored, before normalisation, channels last.</param>
    /// <param name="label">+1 or −1.</param>
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
        double room = ScoreRounding.Of(margin, 2 * _threshold);
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
        Box last = boxes[^1];
        double byBoxes = label > 0 ? last.Low[0] - _threshold : _threshold - last.High[0];
        if (method == BoundMethod.Interval)
        {
            return byBoxes;
        }

        var functions = new Box?[_layers.Count];
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

        double[] row = [label];
        return Math.Max(byBoxes, Lower(row, _layers.Count) - (label * _threshold));

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
