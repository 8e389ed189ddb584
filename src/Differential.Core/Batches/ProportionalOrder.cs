namespace Differential.Core.Batches;

/// <summary>
/// Batches with the classes in the training set's proportion. There are as many batches as natural ones. Each class is dealt to them in a
/// random order as evenly as it goes, so that each sample comes once an epoch. A class of fewer samples than batches gives one to each
/// batch: it is cycled, and shuffled again for each further round. A batch holds its class's samples together, in the order of the classes.
/// Through rounding a batch may differ from the batch size by as many samples as there are classes.
/// </summary>
internal sealed class ProportionalOrder(IReadOnlyList<sbyte> labels, int[][] members, int batchSize, long seed)
    : BatchOrder(labels, seed, Counts(labels.Count, members, batchSize))
{
    private protected override void Fill(RandomStream stream, int[] order)
    {
        var rounds = members.Select(samples => new ClassRounds(samples, stream)).ToArray();
        int place = 0;
        for (int step = 0; step < Steps; step++)
        {
            for (int number = 0; number < members.Length; number++)
            {
                for (int left = Share(members[number].Length, step, Steps); left > 0; left--)
                {
                    order[place++] = rounds[number].Next();
                }
            }
        }
    }

    private static int[] Counts(int samples, int[][] members, int batchSize)
    {
        int steps = (samples + batchSize - 1) / batchSize;
        return [.. Enumerable.Range(0, steps).Select(step => members.Sum(own => Share(own.Length, step, steps)))];
    }

    /// <summary>Samples of a class in a batch: its even share, one at least.</summary>
    private static int Share(int samples, int step, int steps) =>
        Math.Max(1, (int)(((long)(step + 1) * samples / steps) - ((long)step * samples / steps)));
}
