using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

[Description("HopSkipJump: minimum norm from decisions alone.")]
public sealed record HopSkipJumpOptions : AttackOptions
{
    [Description("Iterations.")]
    [Range(1, 10_000)]
    public int Iterations { get; init; } = 30;

    [Description("Decisions for the first direction; the k-th takes √k times as many.")]
    [Range(2, 1_000_000)]
    public int InitialEvaluations { get; init; } = 100;

    [Description("Decisions for one direction at most.")]
    [Range(2, 1_000_000)]
    public int MaxEvaluations { get; init; } = 1_000;

    [JsonIgnore]
    public override string Name => "hopSkipJump";

    internal override Attack CreateAttack(AttackSession session) => new HopSkipJumpAttack(session, this);
}

/// <summary>
/// HopSkipJump (Chen, Jordan and Wainwright 2020): from a flipped start, in turn to the boundary by bisection, a
/// direction from the decisions around it, and a step along it that keeps the flip. Sees decisions, never scores.
/// It starts at the nearest of some samples of another class, of each other class where there are several, that flip; the last
/// point is brought back to the boundary by bisection.
/// </summary>
internal sealed class HopSkipJumpAttack : MinimumNormAttack
{
    private const int MaxHalvings = 20;
    private const int TrialIterations = 3;
    private const double CoarsestPrecision = 0.01;
    private const double FinestPrecision = 1e-6;
    private const double LastPrecision = 2e-6;

    /// <summary>Least change of an element around a point, as a share of the point's largest value: some roundings of float32.</summary>
    private const double LeastSpread = 1.0 / (1 << 19);

    private readonly HopSkipJumpOptions _options;
    private readonly HardLabelOracle _oracle;
    private readonly float[] _clean;
    private readonly float[] _point;
    private readonly float[] _trial;
    private readonly float[] _direction;
    private readonly float[] _nearest;
    private readonly float[] _chosen;
    private double _best;

    internal HopSkipJumpAttack(AttackSession session, HopSkipJumpOptions options)
        : base(session, options)
    {
        _options = options;
        _oracle = new HardLabelOracle(session, options.Rounded);
        _clean = new float[session.Length];
        _point = new float[session.Length];
        _trial = new float[session.Length];
        _direction = new float[session.Length];
        _nearest = new float[session.Length];
        _chosen = new float[session.Length];
    }

    internal override bool CanAim => false;

    private double Dimension => Session.Length;

    /// <summary>
    /// Share of the way within which the bisection finds the boundary: θ of the paper, which is 1 in one dimension, and at most
    /// <see cref="CoarsestPrecision"/>.
    /// </summary>
    private double Precision => Math.Clamp(
        _options.Norm == AttackNorm.L2 ? 1 / (Math.Sqrt(Dimension) * Dimension) : 1 / (Dimension * Dimension), FinestPrecision, CoarsestPrecision);

    internal override void Search(AttackBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            if (batch.IsFound[row])
            {
                continue;
            }

            batch.CleanValues(row).CopyTo(_clean);
            RandomStream random = Session.Stream($"hopSkipJump/{_options.Norm.Text()}", batch.Samples[row], 0);
            _oracle.Ask(row, batch.Labels[row]);
            IReadOnlyList<float[]> starts = _oracle.FindStarts(random, _clean);
            if (starts.Count > 0)
            {
                Approach(random, starts);
                batch.WriteFound(row, _nearest);
            }
        }
    }

    /// <summary>From each start a few iterations, where there are several: the one that comes nearest goes on.</summary>
    private void Approach(RandomStream random, IReadOnlyList<float[]> starts)
    {
        _best = double.PositiveInfinity;
        int trial = starts.Count == 1 ? 0 : Math.Min(TrialIterations, _options.Iterations);
        double nearest = double.PositiveInfinity;
        double width = 0;
        foreach (float[] start in starts)
        {
            start.CopyTo(_point, 0);
            width = Distance(_point);
            ToBoundary(Precision);
            for (int iteration = 1; iteration <= trial; iteration++)
            {
                Iterate(random, iteration, width);
            }

            if (Distance(_point) < nearest)
            {
                nearest = Distance(_point);
                _point.CopyTo(_chosen, 0);
            }
        }

        _chosen.CopyTo(_point, 0);
        for (int iteration = trial + 1; iteration <= _options.Iterations; iteration++)
        {
            Iterate(random, iteration, width);
        }

        Keep();
        _nearest.CopyTo(_point, 0);
        ToBoundary(LastPrecision);
        Keep();
    }

    private void Iterate(RandomStream random, int iteration, double width)
    {
        Session.ThrowIfCancelled();
        Keep();
        double distance = Distance(_point);

        // Further from the boundary than the bisection's error, nearer than the curvature; never lost in the rounding of the inputs.
        double spread = iteration == 1
            ? 0.1 * width / Math.Sqrt(Dimension)
            : Math.Sqrt(Dimension) * Precision * distance * (_options.Norm == AttackNorm.L2 ? 1 : Math.Sqrt(Dimension));
        double least = LeastSpread * Math.Sqrt(Dimension) * Largest(_point);
        int evaluations = (int)Math.Min(_options.InitialEvaluations * Math.Sqrt(iteration), _options.MaxEvaluations);
        _oracle.EstimateDirection(random, _point, Math.Max(spread, least), evaluations, _options.Norm, _direction);
        Hop(distance / Math.Sqrt(iteration));
        ToBoundary(Precision);
    }

    private void Keep()
    {
        double distance = Distance(_point);
        if (distance < _best)
        {
            _best = distance;
            _point.CopyTo(_nearest, 0);
        }
    }

    /// <summary>The longest step ξ, ξ/2, ξ/4, … along the direction that still flips.</summary>
    private void Hop(double step)
    {
        for (int halving = 0; halving < MaxHalvings; halving++)
        {
            for (int i = 0; i < _trial.Length; i++)
            {
                _trial[i] = Math.Clamp((float)(_point[i] + (step * _direction[i])), Session.Low, Session.High);
            }

            if (_oracle.Flips(_trial))
            {
                _trial.CopyTo(_point, 0);
                return;
            }

            step /= 2;
        }
    }

    /// <summary>Bisection: on the segment to the clean input (L2), on the cut to a box around it (L∞).</summary>
    private void ToBoundary(double share)
    {
        double radius = _options.Norm == AttackNorm.L2 ? 1 : Distance(_point);
        double low = 0;
        double high = radius;
        double precision = share * radius;
        float[] flipped = (float[])_point.Clone();
        while (high - low > precision)
        {
            double middle = (low + high) / 2;
            for (int i = 0; i < _trial.Length; i++)
            {
                double change = (double)_point[i] - _clean[i];
                change = _options.Norm == AttackNorm.L2 ? middle * change : Math.Clamp(change, -middle, middle);
                _trial[i] = Math.Clamp((float)(_clean[i] + change), Session.Low, Session.High);
            }

            if (_oracle.Flips(_trial))
            {
                high = middle;
                _trial.CopyTo(flipped, 0);
            }
            else
            {
                low = middle;
            }
        }

        flipped.CopyTo(_point, 0);
    }

    private double Distance(float[] x) => FlipDistances.Between(x, _clean).In(_options.Norm);

    private static double Largest(float[] x)
    {
        double largest = 0;
        foreach (float value in x)
        {
            largest = Math.Max(largest, Math.Abs((double)value));
        }

        return largest;
    }
}
