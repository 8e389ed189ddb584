using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// The last word on every success. The found input is clipped to the bounds and brought into the ball, where float32 left it a rounding
/// outside; its distances are measured in float64; and a fresh forward pass must decide against the label, on the 8-bit rounded input too
/// where that is asked. A sample whose clean score is level lies on the boundary itself: it is found at distance 0.
/// </summary>
internal sealed class FlipVerifier(AttackSession session)
{
    private readonly Tensor<float> _rows = session.AllocateRows();
    private readonly float[] _values = new float[session.Capacity * session.Length];
    private readonly int[] _index = new int[session.Capacity];
    private readonly RowLabel[] _labels = new RowLabel[session.Capacity];
    private readonly float[] _margins = new float[session.Capacity];

    /// <summary>Takes back what does not hold, and counts it.</summary>
    /// <param name="batch">The batch, with its found rows.</param>
    /// <param name="norm">The norm of the budget.</param>
    /// <param name="epsilon">The largest distance; ∞ for none.</param>
    /// <param name="rounded">Whether the 8-bit rounded input must flip too.</param>
    public void Verify(AttackBatch batch, AttackNorm norm, double epsilon, bool rounded)
    {
        int count = 0;
        for (int row = 0; row < batch.Count; row++)
        {
            if (batch.IsLevel(row))
            {
                batch.Distances[row] = default;
            }
            else if (batch.IsFound[row])
            {
                _index[count] = row;
                _labels[count++] = batch.Labels[row];
            }
        }

        if (count == 0)
        {
            return;
        }

        ReadOnlySpan<int> index = _index.AsSpan(0, count);
        Span<float> values = _values.AsSpan(0, count * session.Length);
        session.Gather(batch.Found, index, _rows);
        _rows.Read(values);
        Measure(batch, index, norm, BudgetBall.Limit(epsilon), rounded);
        _rows.Write(values);
        session.Scatter(_rows, index, batch.Found);
        Decide(batch, index);
        if (rounded)
        {
            InputRounding.Round(values);
            _rows.Write(values);
            Decide(batch, index);
        }

        foreach (int row in index)
        {
            session.Counters.Unverified += batch.IsFound[row] ? 0 : 1;
        }
    }

    private void Measure(AttackBatch batch, ReadOnlySpan<int> index, AttackNorm norm, double limit, bool rounded)
    {
        for (int i = 0; i < index.Length; i++)
        {
            Span<float> x = _values.AsSpan(i * session.Length, session.Length);
            ReadOnlySpan<float> clean = batch.CleanValues(index[i]);
            foreach (ref float value in x)
            {
                value = Math.Clamp(value, session.Low, session.High);
            }

            BudgetBall.PullIn(x, clean, norm, limit);
            if (rounded)
            {
                InputRounding.LeaveMiddles(x, clean);
            }

            FlipDistances distances = FlipDistances.Between(x, clean);
            batch.Distances[index[i]] = distances;
            batch.IsFound[index[i]] = double.IsFinite(distances.L2) && distances.In(norm) <= limit;
        }
    }

    private void Decide(AttackBatch batch, ReadOnlySpan<int> index)
    {
        Span<float> margins = _margins.AsSpan(0, index.Length);
        session.Margins(_rows, _labels.AsSpan(0, index.Length), margins);
        for (int i = 0; i < index.Length; i++)
        {
            batch.IsFound[index[i]] &= Decision.IsFlipped(_labels[i], margins[i]);
        }
    }
}
