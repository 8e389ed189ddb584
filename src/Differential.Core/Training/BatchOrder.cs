namespace Differential.Core.Training;

/// <summary>
/// Balanced batches: each has as many positive as negative samples, whatever the class sizes; of an odd batch size,
/// one more positive.
/// <para>
/// The class that needs more batches decides how long an epoch is: it is gone through exactly once, in a random order.
/// The other class is cycled: it is gone through in a random order too and shuffled again for each further round, so
/// that none of its samples comes back before all others of the round have been there. Each epoch starts with a fresh
/// round. A last incomplete batch is kept, with both classes in the same proportion and at least one sample of each.
/// </para>
/// <para>The order comes from the seed's stream "order" of the epoch: the same on every device, and nothing to keep in a checkpoint.</para>
/// </summary>
public sealed class BatchOrder
{
    private readonly int[] _positives;
    private readonly int[] _negatives;
    private readonly int _positiveShare;
    private readonly int _negativeShare;
    private readonly long _seed;
    private readonly int[] _order;
    private readonly int[] _starts;
    private readonly int[] _round;

    /// <param name="labels">+1 or −1 for each training sample, at least one of each.</param>
    /// <param name="batchSize">At least 2.</param>
    /// <param name="seed">The job's seed.</param>
    /// <exception cref="ArgumentException">There is only one class.</exception>
    public BatchOrder(IReadOnlyList<sbyte> labels, int batchSize, long seed)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 2);
        _positives = [.. Enumerable.Range(0, labels.Count).Where(index => labels[index] > 0)];
        _negatives = [.. Enumerable.Range(0, labels.Count).Where(index => labels[index] <= 0)];
        if (_positives.Length == 0 || _negatives.Length == 0)
        {
            throw new ArgumentException($"{_positives.Length} positive and {_negatives.Length} negative samples; at least one of each is needed", nameof(labels));
        }

        _seed = seed;
        _positiveShare = (batchSize + 1) / 2;
        _negativeShare = batchSize / 2;
        _starts = Starts();
        _order = new int[_starts[^1]];
        _round = new int[Math.Max(_positives.Length, _negatives.Length)];
    }

    /// <summary>Batches of an epoch.</summary>
    public int Steps => _starts.Length - 1;

    /// <summary>Samples of an epoch, repeated ones included.</summary>
    public int SamplesPerEpoch => _starts[^1];

    /// <summary>Samples of all batches of the epoch that was <see cref="Begin"/> last, one batch after another.</summary>
    public ReadOnlySpan<int> Samples => _order;

    /// <summary>The samples of one batch: the positive ones first.</summary>
    public ReadOnlySpan<int> Batch(int step) => _order.AsSpan(Start(step), Count(step));

    /// <summary>Where a batch starts in <see cref="Samples"/>; the same in each epoch.</summary>
    public int Start(int step) => _starts[step];

    /// <summary>Samples in a batch; the same in each epoch.</summary>
    public int Count(int step) => _starts[step + 1] - _starts[step];

    /// <summary>Decides the order of an epoch.</summary>
    /// <param name="epoch">From 1.</param>
    public void Begin(int epoch)
    {
        var stream = new RandomStream(_seed, "order", epoch);
        Deal(stream, _positives, positive: true);
        Deal(stream, _negatives, positive: false);
    }

    private void Deal(RandomStream stream, int[] samples, bool positive)
    {
        Span<int> round = _round.AsSpan(0, samples.Length);
        int next = samples.Length;
        for (int step = 0; step < Steps; step++)
        {
            (int positives, int negatives) = Shares(step);
            Span<int> places = Batchful(step, positives, negatives);
            foreach (ref int place in positive ? places[..positives] : places[positives..])
            {
                if (next == samples.Length)
                {
                    samples.CopyTo(round);
                    stream.Shuffle(round);
                    next = 0;
                }

                place = round[next++];
            }
        }
    }

    private Span<int> Batchful(int step, int positives, int negatives) => _order.AsSpan(_starts[step], positives + negatives);

    private int[] Starts()
    {
        int steps = Math.Max(Batches(_positives.Length, _positiveShare), Batches(_negatives.Length, _negativeShare));
        var starts = new int[steps + 1];
        for (int step = 0; step < steps; step++)
        {
            (int positives, int negatives) = Shares(step);
            starts[step + 1] = checked(starts[step] + positives + negatives);
        }

        return starts;

        static int Batches(int samples, int share) => (samples + share - 1) / share;
    }

    /// <summary>Positives and negatives of a batch: full shares, but for what is left of the deciding class in the last one.</summary>
    private (int Positives, int Negatives) Shares(int step)
    {
        bool positivesDecide = (long)_positives.Length * _negativeShare >= (long)_negatives.Length * _positiveShare;
        (int length, int share, int otherShare) = positivesDecide
            ? (_positives.Length, _positiveShare, _negativeShare)
            : (_negatives.Length, _negativeShare, _positiveShare);
        int own = Math.Min(share, length - (step * share));
        int other = own == share ? otherShare : Math.Clamp((int)(((long)own * otherShare) + share - 1) / share, 1, otherShare);
        return positivesDecide ? (own, other) : (other, own);
    }
}
