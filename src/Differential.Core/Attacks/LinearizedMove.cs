using Differential.Core.Decisions;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>
/// The nearest point of the bounds' box at which a linear function has gained a given amount: z = clip(x + λ·u) with u
/// the gradient over its norm (L2) or its sign (L∞); in L1 a <see cref="SparseMove"/>. Along λ the gain is piecewise linear with a falling slope, so
/// Newton steps with the slope last measured approach it from one side; no forward pass is needed.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="norm">In which the point is nearest.</param>
/// <param name="tolerance">Of the gain, as a share of it.</param>
internal sealed class LinearizedMove(AttackSession session, AttackNorm norm, float tolerance = 1e-4f)
{
    private const int MaxSteps = 12;

    private readonly SparseMove? _sparse = norm == AttackNorm.L1 ? new SparseMove(session) : null;
    private readonly Tensor<float> _difference = session.AllocateRows();
    private readonly RowScalars _steps = session.AllocateScalars();
    private readonly RowScalars _gains = session.AllocateScalars();
    private readonly RowScalars _plus = session.AllocateScalars();
    private readonly RowScalars _minus = session.AllocateScalars();
    private readonly float[] _slopes = new float[session.Capacity];
    private readonly float[] _gained = new float[session.Capacity];

    /// <summary>Moves each row of <paramref name="x"/> into <paramref name="z"/> so that ⟨gradient, z − x⟩ = targets[i], as far as the box allows.</summary>
    /// <param name="x">Points in the box; unchanged.</param>
    /// <param name="gradient">Finite gradients; rows of zeros do not move.</param>
    /// <param name="targets">Gains, of either sign.</param>
    /// <param name="z">The moved points; not <paramref name="x"/>.</param>
    public void Run(Tensor<float> x, Tensor<float> gradient, ReadOnlySpan<float> targets, Tensor<float> z)
    {
        if (_sparse is not null)
        {
            _sparse.Run(x, gradient, targets, z);
            return;
        }

        int count = targets.Length;
        RowArithmetic arithmetic = session.Arithmetic;
        z.CopyFrom(x, count * session.Length);
        arithmetic.Norms(gradient, null, norm.Dual(), _gains.Tensor, count);
        _gains.Read(count).CopyTo(_slopes);
        for (int i = 0; i < count; i++)
        {
            _steps[i] = _slopes[i] > 0 && float.IsFinite(_slopes[i]) ? targets[i] / _slopes[i] : 0;
            _gained[i] = 0;
        }

        _plus.Fill(1, count);
        _minus.Fill(-1, count);
        for (int step = 0; step < MaxSteps; step++)
        {
            session.BallStep.Move(z, gradient, norm.Kernel(), _steps.Write(count), count);
            if (!session.IsBounded)
            {
                return;
            }

            arithmetic.Clip(z, session.Low, session.High, count);
            arithmetic.Combine(_plus.Tensor, z, _minus.Tensor, x, _difference, count);
            arithmetic.Dots(gradient, _difference, _gains.Tensor, count);
            _gains.Read(count);
            if (!NextSteps(targets))
            {
                return;
            }
        }
    }

    /// <summary>What is still to gain, over the slope of the last step; false where no row has anything left.</summary>
    private bool NextSteps(ReadOnlySpan<float> targets)
    {
        bool any = false;
        for (int i = 0; i < targets.Length; i++)
        {
            float rest = targets[i] - _gains[i];
            float slope = _steps[i] == 0 ? 0 : (_gains[i] - _gained[i]) / _steps[i];

            // A slope of nearly nothing: the box cuts off what is left.
            bool done = Math.Abs(rest) <= tolerance * Math.Abs(targets[i]) || rest * targets[i] <= 0 || !(slope > 1e-5f * _slopes[i]);
            _gained[i] = _gains[i];
            _steps[i] = done ? 0 : rest / slope;
            any |= !done;
        }

        return any;
    }
}
