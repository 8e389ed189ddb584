using Differential.Core.Decisions;
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
    public Tensor<float> Climb(ActiveRows active)
    {
        int count = active.Count;
        int scores = session.Model.Scores;
        for (int i = 0; i < count; i++)
        {
            if (scores == 1)
            {
                _dScores[i] = Slope(active.Labels[i].Sign, active.Margins[i]);
            }
            else
            {
                Slopes(active.Labels[i], i, active.Margins[i], _dScores.Span(count * scores).Slice(i * scores, scores));
            }
        }

        _dScores.Write(count * scores);
        Tensor<float> gradient = Queue(count);
        session.Counters.Gradients += count;
        _norms.Read(count);
        for (int i = 0; i < count; i++)
        {
            if (float.IsFinite(_norms[i]) && _norms[i] != 0)
            {
                continue;
            }

            active.Retire(i);

            // A row that has just flipped needs no gradient any more.
            if (!active.IsFlipped(i))
            {
                Count(_norms[i]);
            }
        }

        return gradient;
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

    /// <summary>
    /// The objective's derivative by the score. The one of the cross-entropy log(1 + e^(−m)) is −y·(1 − σ(m)) through a
    /// float32 sigmoid, as usual implementations have it: it is exactly 0 from m ≈ 17 on, and attacks on it fail there.
    /// </summary>
    private float Slope(float label, float margin)
    {
        if (objective == AttackObjective.Margin)
        {
            return -label;
        }

        float sigmoid = 1f / (1f + MathF.Exp(-margin));
        return -label * (1f - sigmoid);
    }

    /// <summary>
    /// The objective's derivatives by the scores of several classes. The margin's are ∓1 at the own class and at the rival; the
    /// cross-entropy's are those of the softmax, in float32 too, with a class aimed at those of the cross-entropy of the two.
    /// </summary>
    private void Slopes(RowLabel label, int row, float margin, Span<float> slopes)
    {
        slopes.Clear();
        if (objective == AttackObjective.Margin || label.Target is not null)
        {
            float slope = -Slope(1, margin);
            slopes[label.Value] = -slope;
            slopes[session.Rival(label, row)] = slope;
            return;
        }

        float largest = float.NegativeInfinity;
        for (int k = 0; k < slopes.Length; k++)
        {
            largest = Math.Max(largest, session.Score(row, k));
        }

        float sum = 0;
        for (int k = 0; k < slopes.Length; k++)
        {
            slopes[k] = MathF.Exp(session.Score(row, k) - largest);
            sum += slopes[k];
        }

        for (int k = 0; k < slopes.Length; k++)
        {
            slopes[k] = (slopes[k] / sum) - (k == label.Value ? 1f : 0f);
        }
    }
}
