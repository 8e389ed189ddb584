using Differential.Core.Decisions;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>
/// The last word on every success: the found input is clipped to the bounds, its distance is measured, and a fresh
/// forward pass must decide against the label, on the 8-bit rounded input too where that is asked.
/// </summary>
internal sealed class FlipVerifier(AttackSession session)
{
    private readonly Tensor<float> _rows = session.AllocateRows();
    private readonly Tensor<float> _clean = session.AllocateRows();
    private readonly RowScalars _distances = session.AllocateScalars();
    private readonly RowScalars _sizes = session.AllocateScalars();
    private readonly int[] _index = new int[session.Capacity];
    private readonly RowLabel[] _labels = new RowLabel[session.Capacity];
    private readonly float[] _margins = new float[session.Capacity];
    private readonly InputRounding _rounding = new(session);

    /// <summary>Takes back what does not hold, and counts it.</summary>
    /// <param name="batch">The batch, with its found rows.</param>
    /// <param name="norm">The norm of the distances.</param>
    /// <param name="epsilon">The largest distance; ∞ for none.</param>
    /// <param name="rounded">Whether the 8-bit rounded input must flip too.</param>
    public void Verify(AttackBatch batch, RowNorm norm, double epsilon, bool rounded)
    {
        int count = 0;
        for (int row = 0; row < batch.Count; row++)
        {
            if (batch.IsFound[row])
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
        session.Gather(batch.Found, index, _rows);
        session.Gather(batch.Clean, index, _clean);
        session.Arithmetic.Clip(_rows, session.Low, session.High, count);
        session.Scatter(_rows, index, batch.Found);
        Measure(norm, count);
        for (int i = 0; i < count; i++)
        {
            batch.Distances[index[i]] = _distances[i];

            // What float32 cannot tell apart: half a unit in the last place of each element, and the norm's own sum.
            double limit = (epsilon * (1 + 1e-5)) + (_sizes[i] * Math.ScaleB(1, -23));
            if (!(_distances[i] <= limit))
            {
                batch.IsFound[index[i]] = false;
            }
        }

        Decide(batch, index, _rows);
        if (rounded)
        {
            _rounding.Round(_rows, count);
            Decide(batch, index, _rows);
        }

        foreach (int row in index)
        {
            session.Counters.Unverified += batch.IsFound[row] ? 0 : 1;
        }
    }

    private void Measure(RowNorm norm, int count)
    {
        session.Arithmetic.Norms(_rows, _clean, norm, _distances.Tensor, count);
        session.Arithmetic.Norms(_clean, null, norm, _sizes.Tensor, count);
        _distances.Read(count);
        _sizes.Read(count);
    }

    private void Decide(AttackBatch batch, ReadOnlySpan<int> index, Tensor<float> rows)
    {
        Span<float> margins = _margins.AsSpan(0, index.Length);
        session.Margins(rows, _labels.AsSpan(0, index.Length), margins);
        for (int i = 0; i < index.Length; i++)
        {
            batch.IsFound[index[i]] &= Decision.IsFlipped(_labels[i], margins[i]);
        }
    }
}
