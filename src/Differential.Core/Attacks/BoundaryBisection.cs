using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>
/// Brings found rows back to the boundary on the segment from the clean input: bisection with interpolation (ITP,
/// Oliveira and Takahashi 2021), never more than one step longer than plain bisection. The end that flips is kept, and it
/// flips by a little (<see cref="Depth"/>), so that a reader of the saved input that adds in another order sees the flip too.
/// </summary>
internal sealed class BoundaryBisection(AttackSession session, bool rounded)
{
    /// <summary>Half the final bracket, as a share of the segment.</summary>
    private const double Precision = 2e-6;

    /// <summary>How far beyond the threshold the score of a kept flip lies, as a share of the clean input's margin.</summary>
    private const float Depth = 2e-5f;

    private readonly Tensor<float> _clean = session.AllocateRows();
    private readonly Tensor<float> _way = session.AllocateRows();
    private readonly Tensor<float> _point = session.AllocateRows();
    private readonly RowScalars _one = session.AllocateScalars();
    private readonly RowScalars _far = session.AllocateScalars();
    private readonly int[] _index = new int[session.Capacity];
    private readonly int[] _kept = new int[session.Capacity];
    private readonly RowLabel[] _labels = new RowLabel[session.Capacity];
    private readonly float[] _margins = new float[session.Capacity];
    private readonly Bracket[] _brackets = new Bracket[session.Capacity];
    private readonly FlipCriterion _criterion = new(session, rounded);

    /// <summary>Replaces each found row, or each of those in <paramref name="only"/>, by the nearest flip of its segment.</summary>
    public void Run(AttackBatch batch, bool[]? only = null)
    {
        int count = 0;
        for (int row = 0; row < batch.Count; row++)
        {
            if (batch.IsFound[row] && !batch.IsLevel(row) && only?[row] != false)
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
        session.Gather(batch.Clean, index, _clean);
        session.Gather(batch.Found, index, _way);
        _criterion.Margins(_way, _labels.AsSpan(0, count), index, _margins);
        session.Arithmetic.Combine(_one.Fill(1, count), _way, _far.Fill(-1, count), _clean, _way, count);
        for (int i = 0; i < count; i++)
        {
            _brackets[i] = new Bracket(batch.CleanMargins[index[i]], _margins[i]);
        }

        int step = 0;
        while (Narrow(step, count))
        {
            step++;
        }

        int nearer = 0;
        for (int i = 0; i < count; i++)
        {
            _far[i] = (float)_brackets[i].High;
        }

        Place(count);

        // At 1 the found input itself is the nearest; the way to it may end a rounding beside it.
        for (int i = 0; i < count; i++)
        {
            if (_brackets[i].High < 1)
            {
                _index[nearer] = _index[i];
                _kept[nearer++] = i;
            }
        }

        session.Gather(_point, _kept.AsSpan(0, nearer), _way);
        session.Scatter(_way, _index.AsSpan(0, nearer), batch.Found);
    }

    private bool Narrow(int step, int count)
    {
        bool any = false;
        for (int i = 0; i < count; i++)
        {
            any |= !_brackets[i].IsDone;
            _far[i] = (float)_brackets[i].Next(step);
        }

        if (!any)
        {
            return false;
        }

        Place(count);
        _criterion.Margins(_point, _labels.AsSpan(0, count), _index.AsSpan(0, count), _margins);
        for (int i = 0; i < count; i++)
        {
            _brackets[i].Update(_far[i], _margins[i], Decision.IsFlipped(_labels[i], _margins[i]) && _margins[i] <= _brackets[i].Wanted);
        }

        return true;
    }

    /// <summary>point = clean + t·(found − clean), clipped: where the two are alike, so is the point.</summary>
    private void Place(int count)
    {
        session.Arithmetic.Combine(_one.Fill(1, count), _clean, _far.Write(count), _way, _point, count);
        session.Arithmetic.Clip(_point, session.Low, session.High, count);
    }

    /// <summary>Where the boundary lies on one segment: 0 is clean, 1 the found input.</summary>
    private struct Bracket(float cleanMargin, float foundMargin)
    {
        private double _low = 0;
        private double _lowMargin = cleanMargin;
        private double _highMargin = foundMargin;

        public double High { get; private set; } = 1;

        /// <summary>The margin at which a point counts as flipped: the depth beyond 0, or what the found input itself has.</summary>
        public float Wanted { get; } = Math.Max(-Depth * Math.Abs(cleanMargin), foundMargin);

        public readonly bool IsDone => High - _low <= 2 * Precision;

        public readonly double Next(int step)
        {
            if (IsDone)
            {
                return High;
            }

            double width = High - _low;
            double half = (_low + High) / 2;
            double radius = (Precision * Math.Pow(2, Math.Ceiling(Math.Log2(1 / (2 * Precision))) + 1 - step)) - (width / 2);
            double crossing = ((_highMargin * _low) - (_lowMargin * High)) / (_highMargin - _lowMargin);
            if (!double.IsFinite(crossing))
            {
                return half;
            }

            int side = Math.Sign(half - crossing);
            double truncation = 0.2 * width * width;
            double truncated = truncation <= Math.Abs(half - crossing) ? crossing + (side * truncation) : half;
            double next = Math.Abs(truncated - half) <= radius ? truncated : half - (side * radius);
            return Math.Clamp(next, _low, High);
        }

        public void Update(double at, float margin, bool flipped)
        {
            if (IsDone)
            {
                return;
            }

            if (flipped)
            {
                (High, _highMargin) = (at, margin);
            }
            else
            {
                (_low, _lowMargin) = (at, margin);
            }
        }
    }
}
