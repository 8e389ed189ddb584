using Differential.Core.Decisions;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>
/// A step of <see cref="FmnAttack"/> within an L1 ball, in units of the change's own Euclidean length: the ball is nowhere as wide as its radius but at its
/// corners. Elements that are at their bounds stay there. Before the first flip, which a radius of ∞ tells, a row moves to the nearest point of the box beyond
/// the linearised boundary: a ball of the distance to it without the box would hold no more than the elements that the box stops. Where
/// <see cref="SparseSteps"/> of these, far as they lead in few elements, find no flip, it goes on along the gradient.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="push">How far beyond the boundary, where rounded inputs have to flip.</param>
internal sealed class SparseBallStep(AttackSession session, RoundingPush push)
{
    private const int SparseSteps = 10;

    private readonly LinearizedMove _sparse = new(session, AttackNorm.L1);
    private readonly LinearizedMove _descent = new(session, AttackNorm.L2);
    private readonly FreeElements _free = new(session);
    private readonly Tensor<float> _moved = session.AllocateRows();
    private readonly RowScalars _first = session.AllocateScalars();
    private readonly RowScalars _second = session.AllocateScalars();
    private readonly RowScalars _gains = session.AllocateScalars();
    private readonly bool[] _isFar = new bool[session.Capacity];

    /// <summary>Moves the active rows.</summary>
    /// <param name="active">The rows, with their margins.</param>
    /// <param name="x">Where they are; changed.</param>
    /// <param name="origin">The clean inputs.</param>
    /// <param name="slope">What the score falls along; changed.</param>
    /// <param name="radii">Of the ball of each row of the batch; ∞ before its first flip.</param>
    /// <param name="step">Which step, from 0.</param>
    /// <param name="share">Length of the step in its units.</param>
    /// <param name="growth">How far beyond the linearised boundary, as a share of the gain.</param>
    public void Run(ActiveRows active, Tensor<float> x, Tensor<float> origin, Tensor<float> slope, float[] radii, int step, double share, double growth)
    {
        int count = active.Count;
        bool anyFar = false;
        for (int i = 0; i < count; i++)
        {
            _isFar[i] = float.IsPositiveInfinity(radii[active.Rows[i]]);
            anyFar |= _isFar[i];
        }

        if (anyFar)
        {
            ToTheLinearizedBoundary(active, x, origin, slope, step < SparseSteps, growth);
        }

        _free.Keep(x, slope, count);
        session.Arithmetic.Norms(x, origin, RowNorm.L2, _first.Tensor, count);
        _first.Read(count);
        for (int i = 0; i < count; i++)
        {
            float radius = radii[active.Rows[i]];
            float unit = _first[i] > 0 ? Math.Min(_first[i], radius) : radius;
            _first[i] = _isFar[i] ? 0 : (float)share * unit;
            _second[i] = Math.Min(radius, float.MaxValue);
        }

        session.BallStep.Move(x, slope, RowNorm.L2, _first.Write(count), count);
        session.BallStep.Project(x, origin, RowNorm.L1, _second.Write(count), session.Low, session.High, count);
        if (anyFar)
        {
            Choose(x, count);
        }
    }

    /// <summary>What the linear score falls by to beyond the boundary, from the sample or from where a row is, for rows without a flip.</summary>
    private void ToTheLinearizedBoundary(ActiveRows active, Tensor<float> x, Tensor<float> origin, Tensor<float> slope, bool isSparse, double growth)
    {
        int count = active.Count;
        session.Arithmetic.Combine(_first.Fill(1, count), x, _second.Fill(-1, count), origin, _moved, count);
        session.Arithmetic.Dots(slope, _moved, _gains.Tensor, count);
        _gains.Read(count);
        for (int i = 0; i < count; i++)
        {
            _gains[i] = _isFar[i] ? (float)(((isSparse ? _gains[i] : 0) + active.Margins[i]) * (1 + growth)) : 0;
        }

        push.AddTo(active, slope, _gains.Span(count));

        (isSparse ? _sparse : _descent).Run(isSparse ? origin : x, slope, _gains.Span(count), _moved);
    }

    /// <summary>Rows without a flip go where the linearised boundary is.</summary>
    private void Choose(Tensor<float> x, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _first[i] = _isFar[i] ? 0 : 1;
            _second[i] = 1 - _first[i];
        }

        session.Arithmetic.Combine(_first.Write(count), x, _second.Write(count), _moved, x, count);
    }
}
