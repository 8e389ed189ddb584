using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

[Description("FMN: minimum-norm attack whose ball grows until a flip and shrinks after it.")]
public sealed record FmnOptions : AttackOptions
{
    [Description("Steps.")]
    [Range(1, 100_000)]
    public int Steps { get; init; } = 100;

    [Description("The norm of the perturbation.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf, AttackNorm.L1)]
    public override AttackNorm Norm { get; init; } = AttackNorm.L2;

    [Description("First step, as a multiple of the ball's radius (L2), of half its diagonal (Linf) or of the change's Euclidean length (L1); it falls to a hundredth as a cosine.")]
    [Range(1e-6, 1e3)]
    public double StepSize { get; init; } = 2;

    [Description("First share by which the ball grows or shrinks; it falls to 0.001 as a cosine.")]
    [Range(1e-3, 0.99)]
    public double Growth { get; init; } = 0.05;

    [JsonIgnore]
    public override string Name => "fmn";

    internal override Attack CreateAttack(AttackSession session) => new FmnAttack(session, this);
}

/// <summary>
/// The fast minimum-norm attack (Pintor, Roli, Brendel and Biggio 2021, 'Fast Minimum-norm Adversarial Attacks through Adaptive Norm
/// Constraints'): gradient steps within a ball whose radius is adapted at each step. Before the first flip the radius is a
/// little more than the distance to the linearised boundary; then it shrinks after a flip and grows after a miss. Steps are in units of the
/// radius, so that the scale of the inputs does not matter. The nearest flip is brought back to the boundary by bisection, and along it by a
/// <see cref="TangentPolish"/>.
/// </summary>
internal sealed class FmnAttack : MinimumNormAttack
{
    private const double LeastShare = 0.01;
    private const double LeastGrowth = 0.001;

    private readonly FmnOptions _options;
    private readonly ActiveRows _active;
    private readonly ObjectiveGradient _gradient;
    private readonly BoundaryBisection _bisection;
    private readonly TangentPolish _polish;
    private readonly SparseBallStep? _sparse;
    private readonly RoundingPush _push;
    private readonly Tensor<float> _slope;
    private readonly RowScalars _slopes;
    private readonly RowScalars _distances;
    private readonly RowScalars _steps;
    private readonly float[] _radii;
    private readonly float[] _best;
    private readonly float[] _targets;
    private readonly bool[] _mine;
    private readonly int[] _index;

    internal FmnAttack(AttackSession session, FmnOptions options)
        : base(session, options)
    {
        _options = options;
        _active = new ActiveRows(session, 2, options.Rounded);
        _gradient = new ObjectiveGradient(session);
        _bisection = new BoundaryBisection(session, options.Rounded);
        _polish = new TangentPolish(session, options.Norm, options.Rounded, _bisection);
        _push = new RoundingPush(session, options.Rounded);
        _sparse = options.Norm == AttackNorm.L1 ? new SparseBallStep(session, _push) : null;
        _slope = session.AllocateRows();
        _slopes = session.AllocateScalars();
        _distances = session.AllocateScalars();
        _steps = session.AllocateScalars();
        _radii = new float[session.Capacity];
        _best = new float[session.Capacity];
        _targets = new float[session.Capacity];
        _mine = new bool[session.Capacity];
        _index = new int[session.Capacity];
    }

    /// <summary>Half the diagonal of a ball of radius 1.</summary>
    private double Diagonal => Ball == RowNorm.Linf ? Math.Sqrt(Session.Length) : 1;

    private Tensor<float> X => _active[0];

    private Tensor<float> Origin => _active[1];

    internal override void Search(AttackBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            _mine[row] = !batch.IsFound[row];
            _best[row] = float.PositiveInfinity;
            _radii[row] = 0;
        }

        _push.Reset();
        _active.Reset(batch, _mine);
        _active.Gather(batch.Clean, X);
        _active.Gather(batch.Clean, Origin);
        for (int step = 0; step < _options.Steps && _active.Count > 0; step++)
        {
            Step(step, Annealed(_options.StepSize, _options.StepSize * LeastShare, step), Annealed(_options.Growth, LeastGrowth, step));
        }

        if (_active.Count > 0)
        {
            _active.Forward(X);
            _active.Judge(X);
            TakeFlips();
        }

        _bisection.Run(batch, _mine);
        _polish.Run(batch, _mine);
    }

    private double Annealed(double first, double last, int step) => last + ((first - last) * (1 + Math.Cos(Math.PI * step / _options.Steps)) / 2);

    private void Step(int step, double share, double growth)
    {
        _active.Forward(X);
        Tensor<float> slope = _gradient.Climb(_active, keepsStuck: true);
        _slope.CopyFrom(slope, _active.Count * Session.Length);
        _push.Judge(_active, X);
        _active.Margins.CopyTo(_targets);
        _push.AddTo(_active, _slope, _targets);
        TakeFlips();
        Session.Arithmetic.Norms(_slope, null, Options.Norm.Dual(), _slopes.Tensor, _active.Count);
        _slopes.Read(_active.Count);
        for (int i = 0; i < _active.Count; i++)
        {
            int row = _active.Rows[i];
            _radii[row] = Radius(row, i, growth);
            if (_gradient.IsStuck(i) && _distances[i] == 0)
            {
                _gradient.GiveUp(_active, i);
            }
        }

        _active.Settle(_slope);
        int count = _active.Count;
        if (count == 0)
        {
            return;
        }

        if (_sparse is not null)
        {
            _sparse.Run(_active, X, Origin, _slope, _radii, step, share, growth);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            _steps[i] = (float)(share * Diagonal) * _radii[_active.Rows[i]];
            _distances[i] = _radii[_active.Rows[i]];
        }

        Session.BallStep.Move(X, _slope, RowNorm.L2, _steps.Write(count), count);
        Session.BallStep.Project(X, Origin, Ball, _distances.Write(count), Session.Low, Session.High, count);
    }

    /// <summary>The radius of the next step's ball.</summary>
    private float Radius(int row, int i, double growth)
    {
        if (_active.IsFlipped(i))
        {
            return Math.Min((float)(_radii[row] * (1 - growth)), _best[row]);
        }

        // Where the gradient is zero, half of the way back to the sample.
        if (_gradient.IsStuck(i))
        {
            return _distances[i] / 2;
        }

        if (_sparse is not null && !float.IsFinite(_best[row]))
        {
            return float.PositiveInfinity;
        }

        float radius = float.IsFinite(_best[row]) ? _radii[row] : _distances[i] + (_targets[i] / _slopes[i]);
        return (float)(radius * (1 + growth));
    }

    /// <summary>Measures where each iterate is, and keeps those that flip nearer than any before.</summary>
    private void TakeFlips()
    {
        int count = _active.Count;
        Session.Arithmetic.Norms(X, Origin, Ball, _distances.Tensor, count);
        _distances.Read(count);
        int better = 0;
        for (int i = 0; i < count; i++)
        {
            int row = _active.Rows[i];
            if (_active.IsFlipped(i) && _distances[i] < _best[row])
            {
                _best[row] = _distances[i];
                _index[better++] = i;
            }
        }

        _active.Keep(X, _index.AsSpan(0, better));
    }
}
