using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// How far beyond the boundary a move has to aim where flips of inputs that are rounded to multiples of 1/255 count. An input that lies just
/// beyond is often rounded back, and its margin does not tell how far is far enough. So each time the aim grows: from a small share of what rounding can take from the
/// score at its slope, twice as far with each miss; a flip brings it back a little.
/// </summary>
internal sealed class RoundingPush
{
    private const double HalfLevel = 0.5 / 255;

    /// <summary>First aim, as a share of what rounding can take from the score.</summary>
    private const float First = 1f / 16;

    private const float AfterMiss = 2;
    private const float AfterFlip = 0.7f;

    private readonly AttackSession _session;
    private readonly bool _rounded;
    private readonly RowScalars _slopes;
    private readonly float[] _shares;
    private readonly bool[] _flips;

    public RoundingPush(AttackSession session, bool rounded)
    {
        (_session, _rounded) = (session, rounded);
        _slopes = session.AllocateScalars();
        _shares = new float[rounded ? session.Capacity : 0];
        _flips = new bool[rounded ? session.Capacity : 0];
    }

    /// <summary>Forgets what was learnt of each sample.</summary>
    public void Reset() => Array.Clear(_shares);

    /// <summary><see cref="ActiveRows.Judge"/>; learns of the inputs that flip before they are rounded, and not behind.</summary>
    public void Judge(ActiveRows active, Tensor<float> x)
    {
        for (int i = 0; i < active.Count && _rounded; i++)
        {
            _flips[i] = active.IsFlipped(i);
        }

        active.Judge(x);
        for (int i = 0; i < active.Count && _rounded; i++)
        {
            ref float share = ref _shares[active.Rows[i]];
            share = !_flips[i] ? share : active.IsFlipped(i) ? AfterFlip * share : Math.Max(First, AfterMiss * share);
        }
    }

    /// <summary>Adds to the gain of each move what it has to aim beyond the boundary.</summary>
    /// <param name="active">The samples.</param>
    /// <param name="slope">The gradient of each one's margin.</param>
    /// <param name="targets">Gains, one for each.</param>
    public void AddTo(ActiveRows active, Tensor<float> slope, Span<float> targets)
    {
        if (!_rounded)
        {
            return;
        }

        _session.Arithmetic.Norms(slope, null, AttackNorm.Linf.Dual(), _slopes.Tensor, active.Count);
        _slopes.Read(active.Count);
        for (int i = 0; i < active.Count; i++)
        {
            targets[i] += (float)(_shares[active.Rows[i]] * HalfLevel * _slopes[i]);
        }
    }
}
