using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;

namespace Differential.Core.Certificates;

/// <summary>
/// What is known of a network's values over one ball of inputs. A network that computes in float32 is the exact one with a
/// disturbance of each affine layer's outputs, which is bounded at the magnitudes that occur in the ball: boxes and linear bounds hold for both.
/// </summary>
internal sealed class BallBounds
{
    /// <summary>Functions times their inputs, below which threads cost more than they save.</summary>
    private const long SmallestParallel = 1 << 14;

    private readonly BoundNetwork _network;
    private readonly double[] _center;
    private readonly AttackNorm _norm;
    private readonly double _radius;
    private readonly BoundMethod _method;
    private readonly Arithmetic _arithmetic;
    private readonly double[] _inputErrors;
    private readonly Box[] _boxes;
    private readonly double[][] _errors;
    private readonly Box[] _functions;

    private BallBounds(BoundNetwork network, double[] center, AttackNorm norm, double radius, BoundMethod method, Arithmetic arithmetic)
    {
        _network = network;
        _center = center;
        _norm = norm;
        _radius = radius;
        _method = method;
        _arithmetic = arithmetic;
        _inputErrors = new double[center.Length];
        for (int i = 0; i < center.Length; i++)
        {
            _inputErrors[i] = network.Input.Error(Math.Abs(center[i]) + radius, arithmetic);
        }

        _boxes = new Box[network.Layers.Count + 1];
        _errors = new double[network.Layers.Count][];
        _functions = new Box[network.Layers.Count];
        _boxes[0] = Around(center, _inputErrors, null);
    }

    /// <summary>The bounds over a ball; null where float32 may overflow in it.</summary>
    /// <param name="network">The network.</param>
    /// <param name="center">The normalised sample.</param>
    /// <param name="norm">Of the ball.</param>
    /// <param name="radius">In normalised inputs.</param>
    /// <param name="method">How.</param>
    /// <param name="arithmetic">Of the networks that the bounds hold for.</param>
    public static BallBounds? Over(BoundNetwork network, double[] center, AttackNorm norm, double radius, BoundMethod method, Arithmetic arithmetic)
    {
        var ball = new BallBounds(network, center, norm, radius, method, arithmetic);
        return ball._boxes[0].IsFinite && ball.Advance() ? ball : null;
    }

    /// <summary>A number that the margin is nowhere below.</summary>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    public double LowerMargin(int label) =>
        _network.Differences(label).Min(row => _method == BoundMethod.Interval ? ByBoxes(row) : Better(ByBoxes(row), Lower(row, _network.Layers.Count - 1).Bound));

    /// <summary>By how much the linear bound of the margin falls per unit of distance of inputs as stored; of several scores the most.</summary>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    public double Slope(int label) =>
        _network.Input.Radius(1) * _network.Differences(label).Max(row => BoundNetwork.DualNorm(Lower(row, _network.Layers.Count - 1).Row, _norm));

    private static double Better(double known, double found) => found > known ? found : known;

    /// <summary>The box of the input and behind each layer, and what each layer loses; false where float32 may overflow.</summary>
    private bool Advance()
    {
        double[] point = _center;
        double[] astray = _inputErrors;
        for (int i = 0; i < _network.Layers.Count; i++)
        {
            if (_network.Layers[i] is AffineBoundLayer affine)
            {
                AffineImage image = affine.Image(Before(i), _arithmetic);
                _errors[i] = image.Error;
                _boxes[i + 1] = image.ToBox();
                if (i < _network.Leading)
                {
                    AffineImage exact = affine.Image(point, astray, _arithmetic);
                    point = exact.Center;
                    astray = [.. exact.Spread.Zip(image.Error, static (spread, error) => spread + error)];
                    _boxes[i + 1] = i == _network.Leading - 1 ? Around(point, astray, _network.LeadingNorms.Value[(int)_norm]) : _boxes[i + 1];
                }
            }
            else
            {
                var layer = (PiecewiseBoundLayer)_network.Layers[i];
                if (_method != BoundMethod.Interval)
                {
                    _functions[i] = layer.FunctionBounds(Before(i));
                    Tighten(layer, i, _functions[i]);
                }

                Box box = layer.Propagate(Before(i));
                _boxes[i + 1] = layer.Loss == 0 || _arithmetic == Arithmetic.Exact ? box : new Box(
                    [.. box.Low.Select(value => value - layer.Lost(Math.Abs(value)))],
                    [.. box.High.Select(value => value + layer.Lost(Math.Abs(value)))]);
            }

            if (!_boxes[i + 1].IsFinite)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Of each function a linear bound. Behind the leading affine layers a box holds what its coordinates can be, no more.</summary>
    private void Tighten(PiecewiseBoundLayer layer, int index, Box bounds)
    {
        int source = _network.Inputs[index][0];
        if (_method != BoundMethod.Crown || (source == _network.Leading - 1 && ReferenceEquals(bounds, _boxes[source + 1])))
        {
            return;
        }

        if ((long)layer.Functions * layer.Inputs < SmallestParallel)
        {
            for (int function = 0; function < layer.Functions; function++)
            {
                Bound(function);
            }
        }
        else
        {
            Parallel.For(0, layer.Functions, Bound);
        }

        void Bound(int function)
        {
            bounds.Low[function] = Better(bounds.Low[function], Row(1));
            bounds.High[function] = -Better(-bounds.High[function], Row(-1));

            double Row(double sign)
            {
                var row = new double[layer.Inputs];
                layer.Function(function, sign, row);
                return Lower(row, source).Bound;
            }
        }
    }

    /// <summary>Of the scores by their box; of a difference of two by the box in front of the last layer, or exactly where that box is exact.</summary>
    private double ByBoxes(double[] row)
    {
        if (row.Length == 1)
        {
            return row[0] > 0 ? _boxes[^1].Low[0] : -_boxes[^1].High[0];
        }

        if (_network.Leading == _network.Layers.Count)
        {
            return Lower(row, _network.Layers.Count - 1).Bound;
        }

        Box box = Before(_network.Layers.Count - 1);
        var before = new double[_network.Layers[^1].Inputs];
        double sum = ((AffineBoundLayer)_network.Layers[^1]).Backward(row, before) - Disturbance(row, _errors[^1]);
        for (int i = 0; i < before.Length; i++)
        {
            sum += before[i] * (before[i] > 0 ? box.Low[i] : box.High[i]);
        }

        return sum;
    }

    /// <summary>The box of what a layer takes.</summary>
    private Box Before(int layer) => _network.Inputs[layer] is [var input]
        ? _boxes[input + 1]
        : new Box(
            [.. _network.Inputs[layer].SelectMany(input => _boxes[input + 1].Low)],
            [.. _network.Inputs[layer].SelectMany(input => _boxes[input + 1].High)]);

    /// <summary>What is nowhere above ⟨row, output of a layer⟩ on the ball, and the row over the network's input that it comes from.</summary>
    /// <param name="row">Over the layer's outputs.</param>
    /// <param name="node">The layer; −1 for the network's input.</param>
    private (double Bound, double[] Row) Lower(double[] row, int node)
    {
        double constant = 0;
        var rows = new double[]?[node + 2];
        rows[node + 1] = row;
        for (int i = node; i >= 0; i--)
        {
            if (rows[i + 1] is not { } own)
            {
                continue;
            }

            var before = new double[_network.Layers[i].Inputs];
            if (_network.Layers[i] is AffineBoundLayer affine)
            {
                constant += affine.Backward(own, before) - Disturbance(own, _errors[i]);
            }
            else
            {
                // Slopes, shifts and their sum, in float64.
                var layer = (PiecewiseBoundLayer)_network.Layers[i];
                double largest = Before(i).Largest;
                double rounding = ((own.Length + 16) * 4 * SumRounding.DoubleUnit * largest) + (_arithmetic == Arithmetic.Exact ? 0 : layer.Lost(largest));
                constant += layer.Relax(own, _functions[i], before) - (rounding * own.Sum(Math.Abs));
            }

            _network.Spread(i, before, rows);
        }

        double[] input = rows[0] ?? new double[_center.Length];
        double bound = constant + VectorMath.Dot(input, _center) - Disturbance(input, _inputErrors) - (_radius * BoundNetwork.DualNorm(input, _norm));
        return (bound, input);
    }

    /// <summary>The most that a disturbance within the errors can take from ⟨row, values⟩.</summary>
    private static double Disturbance(double[] row, double[] errors)
    {
        double sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            sum += Math.Abs(row[i]) * errors[i];
        }

        return sum;
    }

    /// <summary>The box of half-widths radius·norm + error; of norm 1 where none is given.</summary>
    private Box Around(double[] point, double[] errors, double[]? norms)
    {
        var low = new double[point.Length];
        var high = new double[point.Length];
        for (int i = 0; i < point.Length; i++)
        {
            double width = (_radius * (norms?[i] ?? 1)) + errors[i];
            (low[i], high[i]) = (point[i] - width, point[i] + width);
        }

        return new Box(low, high);
    }
}
