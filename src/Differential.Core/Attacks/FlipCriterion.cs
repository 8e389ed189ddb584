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
    private readonly InputRounding? _rounding;
    private readonly Tensor<float>? _rounded;
    private readonly float[] _margins = [];

    public FlipCriterion(AttackSession session, bool rounded)
    {
        _session = session;
        if (rounded)
        {
            _rounding = new InputRounding(session);
            _rounded = session.AllocateRows();
            _margins = new float[session.Capacity];
        }
    }

    /// <summary>A forward pass, or two: margins[i] of row i of <paramref name="x"/>.</summary>
    public void Margins(Tensor<float> x, ReadOnlySpan<RowLabel> labels, Span<float> margins)
    {
        _session.ThrowIfCancelled();
        _session.Margins(x, labels, margins);
        Worsen(x, labels, margins);
    }

    /// <summary>Raises margins of <paramref name="x"/> to those of the rounded inputs, where that is asked.</summary>
    public void Worsen(Tensor<float> x, ReadOnlySpan<RowLabel> labels, Span<float> margins)
    {
        if (_rounding is null || _rounded is null)
        {
            return;
        }

        _rounded.CopyFrom(x, labels.Length * _session.Length);
        _rounding.Round(_rounded, labels.Length);
        Span<float> rounded = _margins.AsSpan(0, labels.Length);
        _session.Margins(_rounded, labels, rounded);
        for (int i = 0; i < rounded.Length; i++)
        {
            margins[i] = Math.Max(margins[i], rounded[i]);
        }
    }
}
