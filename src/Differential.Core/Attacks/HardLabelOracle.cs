using Differential.Core.Data;
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
    private readonly float[] _values;
    private readonly RowLabel[] _labels;
    private readonly int[] _rowOf;
    private readonly float[] _margins;
    private int[] _order = [];

    public HardLabelOracle(AttackSession session, bool rounded)
    {
        _session = session;
        _criterion = new FlipCriterion(session, rounded);
        _rows = session.AllocateRows();
        _values = new float[session.Capacity * session.Length];
        _labels = new RowLabel[session.Capacity];
        _rowOf = new int[session.Capacity];
        _margins = new float[session.Capacity];
    }

    /// <summary>The sample that is asked about from now on.</summary>
    /// <param name="row">Its row of the batch.</param>
    /// <param name="label">What it is decided by.</param>
    public void Ask(int row, RowLabel label)
    {
        Array.Fill(_rowOf, row);
        Array.Fill(_labels, label);
    }

    /// <summary>Whether one input flips; where rounded ones count, its values in the middle between two levels are moved off it first.</summary>
    public bool Flips(Span<float> x)
    {
        if (_criterion.IsRounded)
        {
            InputRounding.LeaveMiddles(x, _session.Batch.CleanValues(_rowOf[0]));
        }

        x.CopyTo(_values);
        Decide(1);
        return Decision.IsFlipped(_labels[0], _margins[0]);
    }

    /// <summary>
    /// Flipped starts: of some samples of the split, the same whichever are attacked, the nearest of each other class that flips; where none
    /// does, the first of some uniform inputs (bounded) or normal ones of growing spread (unbounded) that does.
    /// </summary>
    public IReadOnlyList<float[]> FindStarts(RandomStream random, ReadOnlySpan<float> clean)
    {
        var nearest = new Dictionary<sbyte, (double Distance, float[] Input)>();
        Dataset data = _session.Batches.Data;
        foreach (int index in Candidates(data, _labels[0].Value))
        {
            var values = new float[_session.Length];
            data.Sample(index, values);
            double distance = FlipDistances.Between(values, clean).L2;
            sbyte other = data.Labels[index];
            if (!(nearest.TryGetValue(other, out (double Distance, float[]) best) && best.Distance <= distance) && Flips(values))
            {
                nearest[other] = (distance, values);
            }
        }

        if (nearest.Count > 0)
        {
            return [.. nearest.OrderBy(static pair => pair.Key).Select(static pair => pair.Value.Input)];
        }

        return RandomStart(random, clean) is { } start ? [start] : [];
    }

    /// <summary>
    /// The direction in which inputs around a boundary point flip (equations 9 and 16 of the paper): the mean of random
    /// directions weighted by ±1 less its own mean; of length 1 (L2), or its sign (L∞).
    /// </summary>
    public void EstimateDirection(RandomStream random, ReadOnlySpan<float> point, double spread, int evaluations, AttackNorm norm, float[] direction)
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

            Decide(count);
            for (int i = 0; i < count; i++)
            {
                bool flipped = Decision.IsFlipped(_labels[i], _margins[i]);
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

    /// <summary>The first samples, in an order of their own, of other classes.</summary>
    private IEnumerable<int> Candidates(Dataset data, sbyte label)
    {
        if (_order.Length == 0)
        {
            _order = [.. Enumerable.Range(0, data.Count)];
            new RandomStream(_session.Seed, "attack/hopSkipJump/starts").Shuffle<int>(_order);
        }

        return _order.Where(index => data.Labels[index] != label).Take(StartCandidates);
    }

    private float[]? RandomStart(RandomStream random, ReadOnlySpan<float> clean)
    {
        bool bounded = float.IsFinite(_session.Low) && float.IsFinite(_session.High);
        double scale = 0;
        foreach (float value in clean)
        {
            scale = Math.Max(scale, Math.Abs((double)value));
        }

        scale = scale > 0 ? scale : 1;
        var values = new float[_session.Length];
        for (int draw = 0; draw < StartCandidates; draw++)
        {
            double spread = scale * Math.Pow(1.2, draw - (StartCandidates / 2));
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = bounded ? (float)random.NextDouble(_session.Low, _session.High) : (float)(clean[i] + (spread * random.NextNormal()));
            }

            if (Flips(values))
            {
                return values;
            }
        }

        return null;
    }

    private void Decide(int count)
    {
        _rows.Write(_values.AsSpan(0, count * _session.Length));
        _criterion.Margins(_rows, _labels.AsSpan(0, count), _rowOf.AsSpan(0, count), _margins);
    }
}
