namespace Differential.Core.Batches;

/// <summary>
/// Which samples stand in which batch of an epoch. The order comes from the seed's stream "order" of the epoch: the same on every device,
/// and nothing to keep in a checkpoint. How many batches there are, and how large each is, is the same in each epoch.
/// </summary>
internal abstract class BatchOrder
{
    private readonly sbyte[] _labels;
    private readonly long _seed;
    private readonly int[] _order;
    private readonly int[] _starts;

    /// <param name="labels">The training samples'.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="counts">Samples of each batch.</param>
    private protected BatchOrder(IReadOnlyList<sbyte> labels, long seed, IReadOnlyList<int> counts)
    {
        _labels = [.. labels];
        _seed = seed;
        _starts = new int[counts.Count + 1];
        for (int step = 0; step < counts.Count; step++)
        {
            _starts[step + 1] = checked(_starts[step] + counts[step]);
        }

        _order = new int[_starts[^1]];
    }

    /// <summary>Batches of an epoch.</summary>
    public int Steps => _starts.Length - 1;

    /// <summary>Samples of an epoch, repeated ones included.</summary>
    public int SamplesPerEpoch => _starts[^1];

    /// <summary>Samples of all batches of the epoch that was <see cref="Begin"/> last, one batch after another.</summary>
    public ReadOnlySpan<int> Samples => _order;

    /// <summary>The order of a rule.</summary>
    /// <param name="rule">What a batch is made of.</param>
    /// <param name="labels">+1 or −1 for each training sample, of three classes or more the class from 0; at least one of each.</param>
    /// <param name="batchSize">At least the number of classes.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="classes">Number of classes.</param>
    /// <exception cref="ArgumentException">A class has no samples.</exception>
    public static BatchOrder Create(BatchRule rule, IReadOnlyList<sbyte> labels, int batchSize, long seed, int classes = 2)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, classes);
        int[][] members = ByClass(labels, classes);
        return rule switch
        {
            BatchRule.Natural => new NaturalOrder(labels, batchSize, seed),
            BatchRule.Proportional => new ProportionalOrder(labels, members, batchSize, seed),
            _ => new BalancedOrder(labels, members, batchSize, seed),
        };
    }

    /// <summary>The samples of one batch.</summary>
    public ReadOnlySpan<int> Batch(int step) => _order.AsSpan(Start(step), Count(step));

    /// <summary>Where a batch starts in <see cref="Samples"/>; the same in each epoch.</summary>
    public int Start(int step) => _starts[step];

    /// <summary>Samples in a batch; the same in each epoch.</summary>
    public int Count(int step) => _starts[step + 1] - _starts[step];

    /// <summary>Whether all samples of a batch are of one class, so that it has no pair of opposite classes.</summary>
    public bool IsOfOneClass(int step)
    {
        ReadOnlySpan<int> batch = Batch(step);
        sbyte first = _labels[batch[0]];
        foreach (int sample in batch)
        {
            if (_labels[sample] != first)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Decides the order of an epoch.</summary>
    /// <param name="epoch">From 1.</param>
    public void Begin(int epoch) => Fill(new RandomStream(_seed, "order", epoch), _order);

    /// <summary>The order of an epoch.</summary>
    /// <param name="stream">Its random numbers.</param>
    /// <param name="order">[<see cref="SamplesPerEpoch"/>]; overwritten.</param>
    private protected abstract void Fill(RandomStream stream, int[] order);

    private static int[][] ByClass(IReadOnlyList<sbyte> labels, int classes)
    {
        int[][] members = [.. Enumerable.Range(0, classes).Select(Of)];
        return Array.TrueForAll(members, static samples => samples.Length > 0)
            ? members
            : throw new ArgumentException(
                classes == 2
                    ? $"{members[0].Length} positive and {members[1].Length} negative samples; at least one of each is needed"
                    : $"{string.Join(", ", members.Select(static samples => samples.Length))} samples of the classes; at least one of each is needed",
                nameof(labels));

        int[] Of(int number) =>
            [.. Enumerable.Range(0, labels.Count).Where(index => classes == 2 ? labels[index] > 0 == (number == 0) : labels[index] == number)];
    }
}

/// <summary>What a batch is made of.</summary>
public enum BatchRule
{
    /// <summary>As many samples of each class, whatever the class sizes; smaller classes are repeated.</summary>
    Balanced,

    /// <summary>The training set in a random order, each sample once an epoch; a batch may lack a class.</summary>
    Natural,

    /// <summary>The classes in the training set's proportion in each batch, at least one sample of each.</summary>
    Proportional,
}
