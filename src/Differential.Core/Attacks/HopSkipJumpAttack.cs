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
/// It starts at the nearest sample of the other class that the model decides correctly.
/// </summary>
public sealed class HopSkipJumpAttack : MinimumNormAttack
{
    private const int MaxHalvings = 20;

    private readonly HopSkipJumpOptions _options;
    private readonly HardLabelOracle _oracle;
    private readonly float[] _clean;
    private readonly float[] _point;
    private readonly float[] _trial;
    private readonly float[] _direction;
    private readonly float[] _nearest;

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
    }

    internal override bool CanAim => false;

    private double Dimension => Session.Length;

    /// <summary>Share of the way within which the bisection finds the boundary (θ of the paper).</summary>
    private double Precision => _options.Norm == AttackNorm.L2 ? 1 / (Math.Sqrt(Dimension) * Dimension) : 1 / (Dimension * Dimension);

    internal override void Search(AttackBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            if (batch.IsFound[row])
            {
                continue;
            }

            batch.Clean.Slice(row * Session.Length, Session.Model.SampleShape).Read(_clean);
            RandomStream random = Session.Stream($"hopSkipJump/{_options.Norm.Text()}", batch.Samples[row], 0);
            if (_oracle.FindStart(random, batch.Labels[row], _clean, _point))
            {
                Approach(random, batch.Labels[row]);
                batch.WriteFound(row, _nearest);
            }
        }
    }

    private void Approach(RandomStream random, RowLabel label)
    {
        double best = double.PositiveInfinity;
        double width = Distance(_point);
        ToBoundary(label);
        for (int iteration = 1; iteration <= _options.Iterations; iteration++)
        {
            Session.ThrowIfCancelled();
            double distance = Distance(_point);
            if (distance < best)
            {
                best = distance;
                _point.CopyTo(_nearest, 0);
            }

            // Further from the boundary than the bisection's error, nearer than the curvature.
            double spread = iteration == 1 ? 0.1 * width / Math.Sqrt(Dimension) : Math.Sqrt(Dimension) * Precision * distance * (_options.Norm == AttackNorm.L2 ? 1 : Math.Sqrt(Dimension));
            int evaluations = (int)Math.Min(_options.InitialEvaluations * Math.Sqrt(iteration), _options.MaxEvaluations);
            _oracle.EstimateDirection(random, label, _point, Math.Max(spread, 1e-4), evaluations, _options.Norm, _direction);
            Hop(label, distance / Math.Sqrt(iteration));
            ToBoundary(label);
        }

        if (Distance(_point) < best)
        {
            _point.CopyTo(_nearest, 0);
        }
    }

    /// <summary>The longest step ξ, ξ/2, ξ/4, … along the direction that still flips.</summary>
    private void Hop(RowLabel label, double step)
    {
        for (int halving = 0; halving < MaxHalvings; halving++)
        {
            for (int i = 0; i < _trial.Length; i++)
            {
                _trial[i] = Math.Clamp((float)(_point[i] + (step * _direction[i])), Session.Low, Session.High);
            }

            if (_oracle.Flips(label, _trial))
            {
                _trial.CopyTo(_point, 0);
                return;
            }

            step /= 2;
        }
    }

    /// <summary>Bisection: on the segment to the clean input (L2), on the cut to a box around it (L∞).</summary>
    private void ToBoundary(RowLabel label)
    {
        double radius = _options.Norm == AttackNorm.L2 ? 1 : Distance(_point);
        double low = 0;
        double high = radius;
        double precision = Math.Max(Precision, 1e-6) * radius;
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

            if (_oracle.Flips(label, _trial))
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

    private double Distance(float[] x)
    {
        double squares = 0;
        double largest = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double change = Math.Abs((double)x[i] - _clean[i]);
            squares += change * change;
            largest = Math.Max(largest, change);
        }

        return _options.Norm == AttackNorm.L2 ? Math.Sqrt(squares) : largest;
    }
}
