using Differential.Core.Data;
using Differential.Core.Numerics;
using Differential.Kernels.Losses;

namespace Differential.Core.Theory;

/// <summary>
/// The mean over pairs of opposite classes of ℓ(w·(xᵢ − yⱼ)), over all pairs in O(N·M) or over pairs drawn anew at
/// each evaluation. The points' mean is taken away first: it cancels in every difference, and rounding then
/// leaves no weights along constant directions.
/// </summary>
internal sealed class PairwiseObjective : LinearObjective
{
    // From here on log(1 + e^−d) is e^−d to the last bit.
    private const double ExponentialFrom = 40;

    // Down to here a factor that underflows belongs to pairs that do not count beside the largest term.
    private const double FactorsFrom = -30;

    private readonly double[] _mean;
    private readonly double[][] _positive;
    private readonly double[][] _negative;
    private readonly double[] _positiveScores;
    private readonly double[] _negativeScores;
    private readonly double[] _positiveFactors;
    private readonly double[] _negativeFactors;
    private readonly double[] _positiveSlopes;
    private readonly double[] _negativeSlopes;
    private readonly (int Positive, int Negative)[] _drawn;
    private ulong _state;

    /// <param name="points">Both classes.</param>
    /// <param name="surrogate">ℓ.</param>
    /// <param name="randomPairs">Pairs drawn at each evaluation, null for all.</param>
    /// <param name="seed">Of the draws.</param>
    public PairwiseObjective(LabeledPoints points, Surrogate surrogate, int? randomPairs, long seed)
        : base(surrogate, points.Dimension)
    {
        _mean = points.Mean();
        _positive = [.. points.Positive.Select(point => VectorMath.Difference(point, _mean))];
        _negative = [.. points.Negative.Select(point => VectorMath.Difference(point, _mean))];
        _positiveScores = new double[_positive.Length];
        _negativeScores = new double[_negative.Length];
        _positiveFactors = new double[_positive.Length];
        _negativeFactors = new double[_negative.Length];
        _positiveSlopes = new double[_positive.Length];
        _negativeSlopes = new double[_negative.Length];
        _drawn = new (int, int)[randomPairs ?? 0];
        _state = unchecked((ulong)seed);
    }

    public override void Evaluate(ReadOnlySpan<double> parameters)
    {
        double low = double.PositiveInfinity;
        for (int i = 0; i < _positive.Length; i++)
        {
            _positiveScores[i] = VectorMath.Dot(parameters, _positive[i]);
            low = Math.Min(low, _positiveScores[i]);
        }

        double high = double.NegativeInfinity;
        for (int j = 0; j < _negative.Length; j++)
        {
            _negativeScores[j] = VectorMath.Dot(parameters, _negative[j]);
            high = Math.Max(high, _negativeScores[j]);
        }

        double norm = VectorMath.Norm(parameters);
        Margin = norm > 0 ? (low - high) / (2 * norm) : 0;
        _positiveSlopes.AsSpan().Clear();
        _negativeSlopes.AsSpan().Clear();
        double pairs = _drawn.Length > 0 ? _drawn.Length : (double)_positive.Length * _negative.Length;
        Loss = (_drawn.Length > 0 ? EvaluateDrawnPairs() : EvaluateAllPairs(low, high)) / pairs;
        Gradient.AsSpan().Clear();
        for (int i = 0; i < _positive.Length; i++)
        {
            VectorMath.AddScaled(Gradient, -_positiveSlopes[i] / pairs, _positive[i]);
        }

        for (int j = 0; j < _negative.Length; j++)
        {
            VectorMath.AddScaled(Gradient, _negativeSlopes[j] / pairs, _negative[j]);
        }
    }

    public override LinearSeparator Separator(ReadOnlySpan<double> parameters)
    {
        double low = double.PositiveInfinity;
        foreach (double[] point in _positive)
        {
            low = Math.Min(low, VectorMath.Dot(parameters, point));
        }

        double high = double.NegativeInfinity;
        foreach (double[] point in _negative)
        {
            high = Math.Max(high, VectorMath.Dot(parameters, point));
        }

        return new LinearSeparator(parameters.ToArray(), -((low + high) / 2) - VectorMath.Dot(parameters, _mean));
    }

    private double EvaluateAllPairs(double low, double high)
    {
        SurrogateTerm term = new(Surrogate, low - high);
        Shift = term.Shift;
        if (Surrogate == Surrogate.Exponential || (Surrogate == Surrogate.Logistic && low - high > ExponentialFrom))
        {
            return EvaluateProducts(low, high);
        }

        if (Surrogate == Surrogate.Logistic && low - high > FactorsFrom)
        {
            return EvaluateLogisticPairs(low, high, term);
        }

        double loss = 0;
        for (int i = 0; i < _positive.Length; i++)
        {
            for (int j = 0; j < _negative.Length; j++)
            {
                loss += term.Evaluate(_positiveScores[i] - _negativeScores[j], out double slope);
                _positiveSlopes[i] += slope;
                _negativeSlopes[j] += slope;
            }
        }

        return loss;
    }

    /// <summary>Σ e^−(s − t − smallest) is a product of two sums: O(N + M).</summary>
    private double EvaluateProducts(double low, double high)
    {
        FillFactors(low, high);
        double positive = _positiveFactors.Sum();
        double negative = _negativeFactors.Sum();
        VectorMath.AddScaled(_positiveSlopes, negative, _positiveFactors);
        VectorMath.AddScaled(_negativeSlopes, positive, _negativeFactors);
        return positive * negative;
    }

    /// <summary>e^−(s − t) as a product of two factors, so that a pair takes a division and no exponential.</summary>
    private double EvaluateLogisticPairs(double low, double high, SurrogateTerm term)
    {
        FillFactors(low, high);
        double unit = Math.Exp(term.Shift - (low - high));
        double loss = 0;
        for (int i = 0; i < _positive.Length; i++)
        {
            double factor = unit * _positiveFactors[i];
            double slopes = 0;
            for (int j = 0; j < _negative.Length; j++)
            {
                loss += term.EvaluateLogistic(factor * _negativeFactors[j], out double slope);
                slopes += slope;
                _negativeSlopes[j] += slope;
            }

            _positiveSlopes[i] = slopes;
        }

        return loss;
    }

    private void FillFactors(double low, double high)
    {
        for (int i = 0; i < _positiveFactors.Length; i++)
        {
            _positiveFactors[i] = Math.Exp(low - _positiveScores[i]);
        }

        for (int j = 0; j < _negativeFactors.Length; j++)
        {
            _negativeFactors[j] = Math.Exp(_negativeScores[j] - high);
        }
    }

    private double EvaluateDrawnPairs()
    {
        double smallest = double.PositiveInfinity;
        for (int k = 0; k < _drawn.Length; k++)
        {
            _drawn[k] = (Draw(_positive.Length), Draw(_negative.Length));
            smallest = Math.Min(smallest, _positiveScores[_drawn[k].Positive] - _negativeScores[_drawn[k].Negative]);
        }

        SurrogateTerm term = new(Surrogate, smallest);
        Shift = term.Shift;
        double loss = 0;
        foreach ((int i, int j) in _drawn)
        {
            loss += term.Evaluate(_positiveScores[i] - _negativeScores[j], out double slope);
            _positiveSlopes[i] += slope;
            _negativeSlopes[j] += slope;
        }

        return loss;
    }

    // SplitMix64 (Steele, Lea, Flood 2014), scaled by a multiplication: the bias at these counts is below 2⁻⁴⁰.
    private int Draw(int count)
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (int)Math.BigMul(mixed ^ (mixed >> 31), (ulong)count, out _);
    }
}
