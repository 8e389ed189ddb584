namespace Differential.Core.Batches;

/// <summary>
/// Balanced batches: each has as many samples of each class, whatever the class sizes; of a batch size that the classes do not
/// divide, the first ones have one more (of two classes the positive one). A batch holds class after class.
/// <para>
/// The class that needs more batches than the others decides how long an epoch is: it is gone through exactly once, in a random order.
/// The other classes are cycled: each is gone through in a random order too and shuffled again for each further round, so
/// that none of its samples comes back before all others of the round have been there. Each epoch starts with a fresh
/// round. A last incomplete batch is kept, with the classes in the same proportion and at least one sample of each.
/// </para>
/// </summary>
internal sealed class BalancedOrder : BatchOrder
{
    private readonly int[][] _classes;
    private readonly Shares _shares;

    /// <param name="labels">The training samples'.</param>
    /// <param name="classes">The samples of each class, at least one.</param>
    /// <param name="batchSize">At least the number of classes.</param>
    /// <param name="seed">The job's seed.</param>
    public BalancedOrder(IReadOnlyList<sbyte> labels, int[][] classes, int batchSize, long seed)
        : this(labels, classes, new Shares(classes, batchSize), seed)
    {
    }

    private BalancedOrder(IReadOnlyList<sbyte> labels, int[][] classes, Shares shares, long seed)
        : base(labels, seed, shares.Counts()) => (_classes, _shares) = (classes, shares);

    private protected override void Fill(RandomStream stream, int[] order)
    {
        for (int number = 0; number < _classes.Length; number++)
        {
            var rounds = new ClassRounds(_classes[number], stream);
            for (int step = 0; step < Steps; step++)
            {
                int before = Enumerable.Range(0, number).Sum(other => _shares.Of(step, other));
                foreach (ref int place in order.AsSpan(Start(step) + before, _shares.Of(step, number)))
                {
                    place = rounds.Next();
                }
            }
        }
    }

    /// <summary>How many samples of each class a batch has.</summary>
    private sealed class Shares
    {
        private readonly int[][] _classes;
        private readonly int[] _full;
        private readonly int _deciding;

        public Shares(int[][] classes, int batchSize)
        {
            _classes = classes;
            _full = [.. Enumerable.Range(0, classes.Length).Select(number => (batchSize / classes.Length) + (number < batchSize % classes.Length ? 1 : 0))];

            // The most batches; of several classes with as many the first.
            for (int number = 1; number < classes.Length; number++)
            {
                if ((long)classes[number].Length * _full[_deciding] > (long)classes[_deciding].Length * _full[number])
                {
                    _deciding = number;
                }
            }
        }

        /// <summary>Samples of each batch.</summary>
        public int[] Counts()
        {
            int steps = (_classes[_deciding].Length + _full[_deciding] - 1) / _full[_deciding];
            return [.. Enumerable.Range(0, steps).Select(step => Enumerable.Range(0, _classes.Length).Sum(number => Of(step, number)))];
        }

        /// <summary>Samples of a class in a batch: a full share, but for what is left of the deciding class in the last one.</summary>
        public int Of(int step, int number)
        {
            int full = _full[_deciding];
            int own = Math.Min(full, _classes[_deciding].Length - (step * full));
            return number == _deciding ? own
                : own == full ? _full[number]
                : Math.Clamp((int)(((long)own * _full[number]) + full - 1) / full, 1, _full[number]);
        }
    }
}
