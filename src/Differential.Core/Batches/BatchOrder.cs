namespace Differential.Core.Batches;

/// <summary>
/// Balanced batches: each has as many samples of each class, whatever the class sizes; of a batch size that the classes do not
/// divide, the first ones have one more (of two classes the positive one).
/// <para>
/// The class that needs more batches than the others decides how long an epoch is: it is gone through exactly once, in a random order.
/// The other classes are cycled: each is gone through in a random order too and shuffled again for each further round, so
/// that none of its samples comes back before all others of the round have been there. Each epoch starts with a fresh
/// round. A last incomplete batch is kept, with the classes in the same proportion and at least one sample of each.
/// </para>
/// <para>The order comes from the seed's stream "order" of the epoch: the same on every device, and nothing to keep in a checkpoint.</para>
/// </summary>
public sealed class BatchOrder
{
    private readonly int[][] _classes;
    private readonly int[] _full;
    private readonly int _deciding;
    private readonly long _seed;
    private readonly int[] _order;
    private readonly int[] _starts;
    private readonly int[] _round;

    /// <param name="labels">+1 or −1 for each training sample, of three classes or more the class from 0; at least one of each.</param>
    /// <param name="batchSize">At least the number of classes.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="classes">Number of classes.</param>
    /// <exception cref="ArgumentException">A class has no samples.</exception>
    public BatchOrder(IReadOnlyList<sbyte> labels, int batchSize, long seed, int classes = 2)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, classes);
        _classes = [.. Enumerable.Range(0, classes).Select(number => Of(number))];
        if (Array.Exists(_classes, static samples => samples.Length == 0))
        {
            throw new ArgumentException(
                classes == 2
                    ? $"{_classes[0].Length} positive and {_classes[1].Length} negative samples; at least one of each is needed"
                    : $"{string.Join(", ", _classes.Select(static samples => samples.Length))} samples of the classes; at least one of each is needed",
                nameof(labels));
        }

        _seed = seed;
        _full = [.. Enumerable.Range(0, classes).Select(number => (batchSize / classes) + (number < batchSize % classes ? 1 : 0))];

        // The most batches; of several classes with as many the first.
        for (int number = 1; number < classes; number++)
        {
            if ((long)_classes[number].Length * _full[_deciding] > (long)_classes[_deciding].Length * _full[number])
            {
                _deciding = number;
            }
        }

        _starts = Starts();
        _order = new int[_starts[^1]];
        _round = new int[_classes.Max(static samples => samples.Length)];

        int[] Of(int number) =>
            [.. Enumerable.Range(0, labels.Count).Where(index => classes == 2 ? labels[index] > 0 == (number == 0) : labels[index] == number)];
    }

    /// <summary>Batches of an epoch.</summary>
    public int Steps => _starts.Length - 1;

    /// <summary>Samples of an epoch, repeated ones included.</summary>
    public int SamplesPerEpoch => _starts[^1];

    /// <summary>Samples of all batches of the epoch that was <see cref="Begin"/> last, one batch after another.</summary>
    public ReadOnlySpan<int> Samples => _order;

    /// <summary>The samples of one batch: class after class, of two the positive ones first.</summary>
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
        for (int number = 0; number < _classes.Length; number++)
        {
            Deal(stream, number);
        }
    }

    private void Deal(RandomStream stream, int number)
    {
        int[] samples = _classes[number];
        Span<int> round = _round.AsSpan(0, samples.Length);
        int next = samples.Length;
        for (int step = 0; step < Steps; step++)
        {
            int before = Enumerable.Range(0, number).Sum(other => Share(step, other));
            foreach (ref int place in _order.AsSpan(_starts[step] + before, Share(step, number)))
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

    private int[] Starts()
    {
        int steps = (_classes[_deciding].Length + _full[_deciding] - 1) / _full[_deciding];
        var starts = new int[steps + 1];
        for (int step = 0; step < steps; step++)
        {
            starts[step + 1] = checked(starts[step] + Enumerable.Range(0, _classes.Length).Sum(number => Share(step, number)));
        }

        return starts;
    }

    /// <summary>Samples of a class in a batch: a full share, but for what is left of the deciding class in the last one.</summary>
    private int Share(int step, int number)
    {
        int full = _full[_deciding];
        int own = Math.Min(full, _classes[_deciding].Length - (step * full));
        return number == _deciding ? own
            : own == full ? _full[number]
            : Math.Clamp((int)(((long)own * _full[number]) + full - 1) / full, 1, _full[number]);
    }
}
