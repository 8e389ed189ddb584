using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

[Description("FAB: minimum-norm attack that projects on the linearised boundary within the box.")]
public sealed record FabOptions : AttackOptions
{
    [Description("Steps of each restart.")]
    [Range(1, 100_000)]
    public int Steps { get; init; } = 100;

    [Description("Starts: the first at the sample, the others at random points half as far as the best flip.")]
    [Range(1, 10_000)]
    public int Restarts { get; init; } = 1;

    [JsonIgnore]
    public override string Name => "fab";

    internal override Attack CreateAttack(AttackSession session) => new FabAttack(session, this);
}

/// <summary>
/// The fast adaptive boundary attack (Croce and Hein 2020, 'Minimally distorted adversarial examples with a fast
/// adaptive boundary attack'). A step goes 1.05 (in the end 1) of the way to the projections of the iterate and of the clean input on
/// the linearised boundary within the box, mixed with a bias of at most 0.1 towards the clean one; after a flip the
/// iterate goes back by a tenth. The nearest flip of each start is brought back to the boundary by bisection, and the nearest of these counts.
/// Where the gradient is zero, an iterate goes half of the way back to the clean input.
/// </summary>
internal sealed class FabAttack : MinimumNormAttack
{
    private const float MaxBias = 0.1f;
    private const float Extrapolation = 0.05f;
    private const float LeastExtrapolation = 1e-4f;
    private const float Backward = 0.9f;
    private const float BackFromFlat = 0.5f;

    private readonly FabOptions _options;
    private readonly ObjectiveGradient _gradient;
    private readonly FlipCriterion _criterion;
    private readonly LinearizedMove _move;
    private readonly BoundaryBisection _bisection;
    private readonly BallStarts _starts;
    private readonly RoundingPush _push;
    private readonly Tensor<float> _slope;
    private readonly Tensor<float> _nearX;
    private readonly Tensor<float> _nearOrigin;
    private readonly Tensor<float> _difference;
    private readonly RowScalars _a;
    private readonly RowScalars _b;
    private readonly RowScalars _dots;
    private readonly RowScalars _distances;
    private readonly float[] _targets;
    private readonly float[] _bias;
    private readonly float[] _margins;
    private readonly float[] _best;
    private readonly float[] _linearized;
    private readonly NearestFlips _nearest;
    private readonly bool[] _mine;
    private readonly int[] _flips;

    internal FabAttack(AttackSession session, FabOptions options)
        : base(session, options)
    {
        _options = options;
        Active = new ActiveRows(session, 2, options.Rounded);
        _gradient = new ObjectiveGradient(session);
        _criterion = new FlipCriterion(session, options.Rounded);
        _move = new LinearizedMove(session, options.Norm);
        _bisection = new BoundaryBisection(session, options.Rounded);
        _starts = new BallStarts(session, options.Norm, options.Name);
        _push = new RoundingPush(session, options.Rounded);
        _slope = session.AllocateRows();
        _nearX = session.AllocateRows();
        _nearOrigin = session.AllocateRows();
        _difference = session.AllocateRows();
        _a = session.AllocateScalars();
        _b = session.AllocateScalars();
        _dots = session.AllocateScalars();
        _distances = session.AllocateScalars();
        _targets = new float[session.Capacity];
        _bias = new float[session.Capacity];
        _margins = new float[session.Capacity];
        _best = new float[session.Capacity];
        _linearized = new float[session.Capacity];
        _nearest = new NearestFlips(session, options.Norm);
        _mine = new bool[session.Capacity];
        _flips = new int[session.Capacity];
    }

    private ActiveRows Active { get; }

    private Tensor<float> X => Active[0];

    private Tensor<float> Origin => Active[1];

    internal override void Search(AttackBatch batch)
    {
        _nearest.Clear();
        for (int row = 0; row < batch.Count; row++)
        {
            _mine[row] = !batch.IsFound[row];
        }

        for (int restart = 0; restart < _options.Restarts; restart++)
        {
            Array.Fill(_best, float.PositiveInfinity);
            _push.Reset();
            Active.Reset(batch, _mine);
            if (Active.Count == 0)
            {
                return;
            }

            Active.Gather(batch.Clean, Origin);
            Start(batch, restart);
            for (int step = 0; step < _options.Steps && Active.Count > 0; step++)
            {
                Step(Reach(step));
            }

            _bisection.Run(batch, _mine);
            Session.Verifier.Verify(batch, Options.Norm, double.PositiveInfinity, _options.Rounded);
            _nearest.Take(batch, _mine);
        }

        _nearest.WriteTo(batch);
    }

    private void Start(AttackBatch batch, int restart)
    {
        if (restart == 0)
        {
            Active.Gather(batch.Clean, X);
            Linearize(batch);
            return;
        }

        // Half as far as the best flip, or, without one, as the linearisation at the clean input says.
        for (int row = 0; row < batch.Count; row++)
        {
            double distance = _nearest.Distance(row);
            _margins[row] = (float)(double.IsFinite(distance) ? distance : _linearized[row]) / 2;
        }

        _starts.Draw(batch, Active, _margins, restart, Origin, X);
    }

    /// <summary>
    /// How far off the boundary would be if the score were linear. A sample with a zero gradient has no way to start on: this start is given
    /// up, the others are drawn within half the bounds' width, or half the sample's largest value where there are no bounds.
    /// </summary>
    private void Linearize(AttackBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            _linearized[row] = Session.IsBounded ? Session.High - Session.Low : Largest(batch.CleanValues(row));
        }

        Active.Forward(X);
        Tensor<float> slope = _gradient.Climb(Active);
        Session.Arithmetic.Norms(slope, null, Options.Norm.Dual(), _distances.Tensor, Active.Count);
        _distances.Read(Active.Count);
        for (int i = 0; i < Active.Count; i++)
        {
            float length = Active.Margins[i] / _distances[i];
            _linearized[Active.Rows[i]] = float.IsFinite(length) ? length : _linearized[Active.Rows[i]];
        }

        Active.Settle();
    }

    /// <summary>η: 1.05, and in the last quarter of the steps down to 1, so that the last flips lie at the boundary.</summary>
    private float Reach(int step) => 1 + Math.Max(LeastExtrapolation, Extrapolation * Math.Min(1, 4f * (_options.Steps - 1 - step) / _options.Steps));

    private void Step(float reach)
    {
        Active.Forward(X);
        _slope.CopyFrom(_gradient.Climb(Active, keepsStuck: true), Active.Count * Session.Length);
        _push.Judge(Active, X);
        Active.Settle(_slope);
        int count = Active.Count;
        if (count == 0)
        {
            return;
        }

        Project(count);
        Mix(count, reach);
        TakeFlips();
    }

    /// <summary>Both points' projections on {z : margin(x) − ⟨slope, z − x⟩ = 0} within the box, and the bias.</summary>
    private void Project(int count)
    {
        _a.Fill(1, count);
        _b.Fill(-1, count);
        Session.Arithmetic.Combine(_a.Tensor, Origin, _b.Tensor, X, _difference, count);
        Session.Arithmetic.Dots(_slope, _difference, _dots.Tensor, count);
        _dots.Read(count);
        Active.Margins.CopyTo(_targets);
        _push.AddTo(Active, _slope, _targets);
        _move.Run(X, _slope, _targets.AsSpan(0, count), _nearX);
        for (int i = 0; i < count; i++)
        {
            _targets[i] -= _dots[i];
        }

        _move.Run(Origin, _slope, _targets.AsSpan(0, count), _nearOrigin);
        Session.Arithmetic.Norms(_nearX, X, Ball, _dots.Tensor, count);
        Session.Arithmetic.Norms(_nearOrigin, Origin, Ball, _distances.Tensor, count);
        _dots.Read(count);
        _distances.Read(count);
        for (int i = 0; i < count; i++)
        {
            float both = _dots[i] + _distances[i];
            _bias[i] = both > 0 ? Math.Min(_dots[i] / both, MaxBias) : BackFromFlat;
        }
    }

    /// <summary>x ← clip((1 − α)·(x + η·(x' − x)) + α·(o + η·(o' − o))).</summary>
    private void Mix(int count, float reach)
    {
        for (int i = 0; i < count; i++)
        {
            _a[i] = (1 - _bias[i]) * (1 - reach);
            _b[i] = (1 - _bias[i]) * reach;
        }

        Session.Arithmetic.Combine(_a.Write(count), X, _b.Write(count), _nearX, X, count);
        for (int i = 0; i < count; i++)
        {
            _a[i] = _bias[i] * (1 - reach);
            _b[i] = _bias[i] * reach;
        }

        Session.Arithmetic.Combine(_a.Write(count), Origin, _b.Write(count), _nearOrigin, _nearOrigin, count);
        Session.Arithmetic.Combine(_a.Fill(1, count), X, _b.Fill(1, count), _nearOrigin, X, count);
        Session.Arithmetic.Clip(X, Session.Low, Session.High, count);
    }

    private static float Largest(ReadOnlySpan<float> x)
    {
        float largest = 0;
        foreach (float value in x)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }

    /// <summary>Keeps the nearest flips, and moves every flip back towards the clean input.</summary>
    private void TakeFlips()
    {
        int count = Active.Count;
        Span<float> margins = _margins.AsSpan(0, count);
        _criterion.Margins(X, Active.Labels, Active.Rows, margins);
        Session.Arithmetic.Norms(X, Origin, Ball, _distances.Tensor, count);
        _distances.Read(count);
        int better = 0;
        for (int i = 0; i < count; i++)
        {
            bool flipped = Decision.IsFlipped(Active.Labels[i], margins[i]);
            (_a[i], _b[i]) = flipped ? (Backward, 1 - Backward) : (1, 0);
            int row = Active.Rows[i];
            if (flipped && _distances[i] < _best[row])
            {
                _best[row] = _distances[i];
                _flips[better++] = i;
            }
        }

        Active.Keep(X, _flips.AsSpan(0, better));
        Session.Arithmetic.Combine(_a.Write(count), X, _b.Write(count), Origin, X, count);
    }
}
