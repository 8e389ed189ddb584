using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>The input gradient of what an attack climbs, and the check that it is one to climb along.</summary>
internal sealed class ObjectiveGradient(AttackSession session, AttackObjective objective = AttackObjective.Margin)
{
    private readonly RowScalars _dScores = session.AllocateScores();
    private readonly RowScalars _norms = session.AllocateScalars();

    /// <summary>‖gradient‖₁ of each active row, of the latest call.</summary>
    public RowScalars Norms => _norms;

    /// <summary>[capacity, scores], what <see cref="Queue"/> takes the gradient of.</summary>
    public Tensor<float> DScores => _dScores.Tensor;

    /// <summary>The gradient by the input for <see cref="DScores"/> on the device, with its norms there: work of the device alone.</summary>
    public Tensor<float> Queue(int count)
    {
        Tensor<float> gradient = session.Model.InputGradient(DScores, count);

        // The sum of absolute values is 0 for a zero gradient alone (squares would underflow) and keeps NaN and ∞.
        session.Arithmetic.Norms(gradient, null, RowNorm.L1, _norms.Tensor, count);
        return gradient;
    }

    /// <summary>
    /// The gradient by the input of the active rows' latest forward pass; the model's, valid until its next call.
    /// A row with a zero gradient cannot move and one with a non-finite gradient must not: both are counted and given up.
    /// </summary>
    /// <param name="active">The rows.</param>
    /// <param name="keepsStuck">Whether rows with a zero gradient are left to the search, which knows where to go back to.</param>
    public Tensor<float> Climb(ActiveRows active, bool keepsStuck = false)
    {
        int count = active.Count;
        int scores = session.Model.Scores;
        for (int i = 0; i < count; i++)
        {
            Span<float> slopes = _dScores.Span(count * scores).Slice(i * scores, scores);
            if (objective == AttackObjective.Margin)
            {
                session.Decision.LowerMargin(session.Scores(i), active.Labels[i], slopes);
            }
            else
            {
                session.Decision.RaiseCrossEntropy(session.Scores(i), active.Labels[i], slopes);
            }
        }

        _dScores.Write(count * scores);
        Tensor<float> gradient = Queue(count);
        session.Counters.Gradients += count;
        _norms.Read(count);
        for (int i = 0; i < count; i++)
        {
            if (!float.IsFinite(_norms[i]) || (_norms[i] == 0 && !keepsStuck))
            {
                GiveUp(active, i);
            }
        }

        return gradient;
    }

    /// <summary>Whether an active row's gradient of the latest call is zero.</summary>
    public bool IsStuck(int i) => _norms[i] == 0;

    /// <summary>Ends the search of an active row that its gradient leads nowhere.</summary>
    public void GiveUp(ActiveRows active, int i)
    {
        active.Retire(i);

        // A row that has just flipped needs no gradient any more.
        if (!active.IsFlipped(i))
        {
            Count(_norms[i]);
        }
    }

    private void Count(float norm)
    {
        if (norm == 0)
        {
            session.Counters.ZeroGradients++;
        }
        else
        {
            session.Counters.NonFiniteGradients++;
        }
    }
}
