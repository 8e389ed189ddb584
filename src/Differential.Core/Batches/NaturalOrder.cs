namespace Differential.Core.Batches;

/// <summary>Batches as they come: each epoch goes once through all samples in a random order, whatever their classes. A last incomplete batch is kept.</summary>
internal sealed class NaturalOrder(IReadOnlyList<sbyte> labels, int batchSize, long seed) : BatchOrder(labels, seed, Counts(labels.Count, batchSize))
{
    private protected override void Fill(RandomStream stream, int[] order)
    {
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        stream.Shuffle<int>(order);
    }

    private static int[] Counts(int samples, int batchSize) =>
        [.. Enumerable.Range(0, (samples + batchSize - 1) / batchSize).Select(step => Math.Min(batchSize, samples - (step * batchSize)))];
}
