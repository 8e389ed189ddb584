using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// The signed margin that decides whether inputs flip: of the inputs themselves and, where that is asked, of their
/// 8-bit rounding too, the larger of both.
/// </summary>
internal sealed class FlipCriterion
{
    private readonly AttackSession _session;
    private readonly Tensor<float>? _rounded;
    private readonly float[] _values = [];
    private readonly float[] _margins = [];

    public FlipCriterion(AttackSession session, bool rounded)
    {
        _session = session;
        if (rounded)
        {
            _rounded = session.AllocateRows();
            _values = new float[session.Capacity * session.Length];
            _margins = new float[session.Capacity];
        }
    }

    public bool IsRounded => _rounded is not null;

    /// <summary>A forward pass, or two: margins[i] of row i of <paramref name="x"/>.</summary>
    /// <param name="x">Inputs; where rounded ones count, values in the middle between two levels are moved off it first.</param>
    /// <param name="labels">Of the inputs.</param>
    /// <param name="rows">The session's batch's row that each input belongs to.</param>
    /// <param name="margins">Where the margins go.</param>
    public void Margins(Tensor<float> x, ReadOnlySpan<RowLabel> labels, ReadOnlySpan<int> rows, Span<float> margins)
    {
        _session.ThrowIfCancelled();
        if (IsRounded)
        {
            x.Write(OffMiddles(x, rows));
        }

        _session.Margins(x, labels, margins);
        if (IsRounded)
        {
            ReadOnlySpan<float> rounded = RoundedMargins(x, labels, rows);
            for (int i = 0; i < rounded.Length; i++)
            {
                margins[i] = Math.Max(margins[i], rounded[i]);
            }
        }
    }

    /// <summary>A forward pass over the rounded inputs: their margins, valid until the next call.</summary>
    /// <exception cref="InvalidOperationException">Rounding is not asked for.</exception>
    public Span<float> RoundedMargins(Tensor<float> x, ReadOnlySpan<RowLabel> labels, ReadOnlySpan<int> rows)
    {
        Tensor<float> tensor = _rounded ?? throw new InvalidOperationException("flips of rounded inputs are not asked for");
        Span<float> values = OffMiddles(x, rows);
        InputRounding.Round(values);
        tensor.Write(values);
        Span<float> margins = _margins.AsSpan(0, labels.Length);
        _session.Margins(tensor, labels, margins);
        return margins;
    }

    private Span<float> OffMiddles(Tensor<float> x, ReadOnlySpan<int> rows)
    {
        Span<float> values = _values.AsSpan(0, rows.Length * _session.Length);
        x.Read(values);
        for (int i = 0; i < rows.Length; i++)
        {
            InputRounding.LeaveMiddles(values.Slice(i * _session.Length, _session.Length), _session.Batch.CleanValues(rows[i]));
        }

        return values;
    }
}
