using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>Answers whether inputs on the host flip, many at a time; a hard-label attack sees nothing else.</summary>
internal sealed class HardLabelOracle
{
    private const int StartCandidates = 100;

    private readonly AttackSession _session;
    private readonly FlipCriterion _criterion;
    private readonly Tensor<float> _rows;
    private readonly Tensor<float> _one;
    private readonly float[] _values;
    private readonly RowLabel[] _labels;
    private readonly float[] _margins;

    public HardLabelOracle(AttackSession session, bool rounded)
    {
        _session = session;
        _criterion = new FlipCriterion(session, rounded);
        _rows = session.AllocateRows();
        _one = session.AllocateRows();
        _values = new float[session.Capacity * session.Length];
        _labels = new RowLabel[session.Capacity];
        _margins = new float[session.Capacity];
    }

    /// <summary>Whether one input flips.</summary>
    public bool Flips(RowLabel label, ReadOnlySpan<float> x)
    {
        x.CopyTo(_values);
        Decide(label, 1);
        return Decision.IsFlipped(label, _margins[0]);
    }

    /// <summary>
    /// A flipped start: the nearest of the first samples of the other class that the model decides so, else the first
    /// of some uniform inputs (bounded) or normal ones of growing spread (unbounded) that flips.
    /// </summary>
    public bool FindStart(RandomStream random, RowLabel label, ReadOnlySpan<float> clean, float[] start)
    {
        double nearest = double.PositiveInfinity;
        int tried = 0;
        var values = new float[_session.Length];
        foreach (AttackedSample sample in _session.Samples)
        {
            if (sample.Label == label.Value || tried++ >= StartCandidates)
            {
                continue;
            }

            _session.Batches.Load([sample.Index], _one);
            _one.Read(values);
            double distance = 0;
            for (int i = 0; i < values.Length; i++)
            {
                distance += ((double)values[i] - clean[i]) * (values[i] - clean[i]);
            }

            if (distance < nearest && Flips(label, values))
            {
                nearest = distance;
                values.CopyTo(start, 0);
            }
        }

        for (int draw = 0; draw < StartCandidates && double.IsInfinity(nearest); draw++)
        {
            bool bounded = float.IsFinite(_session.Low) && float.IsFinite(_session.High);
            double spread = Math.Pow(1.2, draw - (StartCandidates / 2));
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = bounded ? (float)random.NextDouble(_session.Low, _session.High) : (float)(clean[i] + (spread * random.NextNormal()));
            }

            if (Flips(label, values))
            {
                values.CopyTo(start, 0);
                return true;
            }
        }

        return double.IsFinite(nearest);
    }

    /// <summary>
    /// The direction in which inputs around a boundary point flip (equations 9 and 16 of the paper): the mean of random
    /// directions weighted by ±1 less its own mean; of length 1 (L2), or its sign (L∞).
    /// </summary>
    public void EstimateDirection(RandomStream random, RowLabel label, ReadOnlySpan<float> point, double spread, int evaluations, AttackNorm norm, float[] direction)
    {
        int length = _session.Length;
        double[] sum = new double[length];
        double[] flippedSum = new double[length];
        int flips = 0;
        for (int done = 0; done < evaluations;)
        {
            int count = Math.Min(_session.Capacity, evaluations - done);
            for (int i = 0; i < count; i++)
            {
                Around(random, point, spread, norm, _values.AsSpan(i * length, length));
            }

            Decide(label, count);
            for (int i = 0; i < count; i++)
            {
                bool flipped = Decision.IsFlipped(label, _margins[i]);
                flips += flipped ? 1 : 0;
                ReadOnlySpan<float> x = _values.AsSpan(i * length, length);
                for (int k = 0; k < length; k++)
                {
                    double offset = x[k] - point[k];
                    sum[k] += offset;
                    flippedSum[k] += flipped ? offset : -offset;
                }
            }

            done += count;
        }

        double mean = ((2.0 * flips) - evaluations) / evaluations;
        bool oneSided = flips == 0 || flips == evaluations;
        for (int k = 0; k < length; k++)
        {
            sum[k] = oneSided ? flippedSum[k] : flippedSum[k] - (mean * sum[k]);
        }

        double size = Math.Sqrt(sum.Sum(value => value * value));
        for (int k = 0; k < length; k++)
        {
            direction[k] = norm == AttackNorm.Linf ? Math.Sign(sum[k]) : (float)(size > 0 ? sum[k] / size : 0);
        }
    }

    /// <summary>A point at about the given distance, within the bounds; uniform directions for L∞, normal ones for L2.</summary>
    private void Around(RandomStream random, ReadOnlySpan<float> point, double spread, AttackNorm norm, Span<float> x)
    {
        double squares = 0;
        foreach (ref float value in x)
        {
            value = (float)(norm == AttackNorm.Linf ? random.NextDouble(-1, 1) : random.NextNormal());
            squares += (double)value * value;
        }

        double scale = spread / Math.Sqrt(squares);
        for (int k = 0; k < x.Length; k++)
        {
            x[k] = Math.Clamp((float)(point[k] + (scale * x[k])), _session.Low, _session.High);
        }
    }

    private void Decide(RowLabel label, int count)
    {
        _rows.Write(_values.AsSpan(0, count * _session.Length));
        _labels.AsSpan(0, count).Fill(label);
        _criterion.Margins(_rows, _labels.AsSpan(0, count), _margins);
    }
}
