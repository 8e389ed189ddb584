using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// Moves found rows, which lie on the boundary, along it towards the clean input: to the nearest point of the boundary's tangent plane within the bounds
/// (the projection of FAB, Croce and Hein 2020), or a share of the way there, and from a little beyond back to the boundary by bisection. A row's
/// share falls to a quarter where the move led nowhere nearer; where it did, the next point is tried less far beyond. The nearest of all counts, so that no
/// row ends farther than before.
/// </summary>
internal sealed class TangentPolish
{
    private const int Rounds = 6;

    /// <summary>How far beyond the tangent plane a point is tried at first, as a share of its distance, for the boundary's bend.</summary>
    private const float Beyond = 3e-3f;

    /// <summary>What <see cref="Beyond"/> is divided by where a point was nearer.</summary>
    private const float Closer = 8;

    private const float Tolerance = 1e-6f;

    private readonly AttackSession _session;
    private readonly ActiveRows _active;
    private readonly ObjectiveGradient _gradient;
    private readonly BoundaryBisection _bisection;
    private readonly LinearizedMove _move;
    private readonly NearestFlips _nearest;
    private readonly FlipCriterion _criterion;
    private readonly Tensor<float> _slope;
    private readonly Tensor<float> _point;
    private readonly RowScalars _gains;
    private readonly RowScalars _first;
    private readonly RowScalars _second;
    private readonly bool[] _mine;
    private readonly float[] _shares;
    private readonly float[] _beyond;
    private readonly float[] _margins;
    private readonly int[] _index;

    /// <param name="session">The session.</param>
    /// <param name="norm">Of the distances.</param>
    /// <param name="rounded">Whether a flip counts only where the 8-bit rounded input flips too.</param>
    /// <param name="bisection">The search's.</param>
    public TangentPolish(AttackSession session, AttackNorm norm, bool rounded, BoundaryBisection bisection)
    {
        _session = session;
        _bisection = bisection;
        _active = new ActiveRows(session, 2, rounded);
        _gradient = new ObjectiveGradient(session);
        _move = new LinearizedMove(session, norm, Tolerance);
        _nearest = new NearestFlips(session, norm);
        _criterion = new FlipCriterion(session, rounded);
        _slope = session.AllocateRows();
        _point = session.AllocateRows();
        _gains = session.AllocateScalars();
        _first = session.AllocateScalars();
        _second = session.AllocateScalars();
        _mine = new bool[session.Capacity];
        _shares = new float[session.Capacity];
        _beyond = new float[session.Capacity];
        _margins = new float[session.Capacity];
        _index = new int[session.Capacity];
    }

    /// <summary>Replaces each found row of <paramref name="only"/> by the nearest flip that the moves lead to.</summary>
    public void Run(AttackBatch batch, bool[] only)
    {
        bool any = false;
        for (int row = 0; row < batch.Count; row++)
        {
            _mine[row] = only[row] && batch.IsFound[row] && !batch.IsLevel(row);
            (_shares[row], _beyond[row]) = (1, Beyond);
            any |= _mine[row];
        }

        if (!any)
        {
            return;
        }

        _nearest.Clear();
        _nearest.Take(batch, _mine);
        for (int round = 0; round < Rounds; round++)
        {
            Round(batch);
        }

        _nearest.WriteTo(batch);
    }

    private void Round(AttackBatch batch)
    {
        // The nearest flips are where the tangents lie; they are open again until a move is nearer.
        _nearest.WriteTo(batch);
        _active.Reset(batch, _mine);
        _active.Gather(batch.Found, _active[0]);
        _active.Gather(batch.Clean, _active[1]);
        for (int row = 0; row < batch.Count; row++)
        {
            batch.IsFound[row] &= !_mine[row];
        }

        _active.Forward(_active[0]);
        _slope.CopyFrom(_gradient.Climb(_active, keepsStuck: true), _active.Count * _session.Length);
        _active.Settle(_slope);
        if (_active.Count > 0)
        {
            Move(batch, _active[0], _active[1], _active.Count);
        }
    }

    private void Move(AttackBatch batch, Tensor<float> x, Tensor<float> origin, int count)
    {
        // What the linear function gains from the clean input to the flip, it shall gain on the shortest way.
        _session.Arithmetic.Combine(_first.Fill(1, count), x, _second.Fill(-1, count), origin, _point, count);
        _session.Arithmetic.Dots(_slope, _point, _gains.Tensor, count);
        _move.Run(origin, _slope, _gains.Read(count), _point);
        for (int i = 0; i < count; i++)
        {
            _second[i] = _shares[_active.Rows[i]];
            _first[i] = 1 - _second[i];
        }

        _session.Arithmetic.Combine(_first.Write(count), x, _second.Write(count), _point, _point, count);
        for (int i = 0; i < count; i++)
        {
            _first[i] = 1 + Math.Max(_beyond[_active.Rows[i]], Tolerance);
            _second[i] = 1 - _first[i];
        }

        _session.Arithmetic.Combine(_first.Write(count), _point, _second.Write(count), origin, _point, count);
        _session.Arithmetic.Clip(_point, _session.Low, _session.High, count);
        Keep(batch, count);
    }

    private void Keep(AttackBatch batch, int count)
    {
        _criterion.Margins(_point, _active.Labels, _active.Rows, _margins.AsSpan(0, count));
        int flips = 0;
        for (int i = 0; i < count; i++)
        {
            if (Decision.IsFlipped(_active.Labels[i], _margins[i]))
            {
                _index[flips++] = i;
            }
        }

        _active.Keep(_point, _index.AsSpan(0, flips));
        _bisection.Run(batch, _mine);
        double[] before = [.. _active.Rows.ToArray().Select(_nearest.Distance)];
        _nearest.Take(batch, _mine);
        for (int i = 0; i < count; i++)
        {
            int row = _active.Rows[i];
            bool isNearer = _nearest.Distance(row) < before[i];
            _shares[row] *= isNearer ? 1 : 0.25f;
            _beyond[row] /= isNearer ? Closer : 1;
        }
    }
}
