
using Differential.Core.Batches;

namespace Differential.Core.Tests.Batches;

public class BatchOrderTests
{
    /// <summary>Positives, negatives, batch size, steps, positives and negatives of the last batch.</summary>
    public static TheoryData<int, int, int, int, int, int> Sizes => new()
    {
        { 5, 5, 4, 3, 1, 1 },
        { 5, 5, 128, 1, 5, 5 },
        { 1, 7, 4, 4, 1, 1 },
        { 7, 1, 128, 1, 7, 7 },
        { 64, 3, 128, 1, 64, 64 },
        { 3, 64, 16, 8, 8, 8 },
        { 10, 9, 3, 9, 2, 1 },
        { 10, 2, 5, 4, 1, 1 },
        { 8, 8, 2, 8, 1, 1 },
        { 1, 1, 2, 1, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Batches_OfAnyClassSizes_AreBalancedAndCoverTheDecidingClassOnce(int positives, int negatives, int batchSize, int steps, int lastPositives, int lastNegatives)
    {
        sbyte[] labels = Labels(positives, negatives);
        var order = BatchOrder.Create(BatchRule.Balanced, labels, batchSize, seed: 3);
        order.Begin(1);
        Assert.Equal(steps, order.Steps);
        for (int step = 0; step < steps; step++)
        {
            int[] batch = order.Batch(step).ToArray();
            int count = batch.Count(sample => labels[sample] > 0);
            (int, int) expected = step == steps - 1 ? (lastPositives, lastNegatives) : ((batchSize + 1) / 2, batchSize / 2);
            Assert.Equal(expected, (count, batch.Length - count));
            Assert.All(batch[..count], sample => Assert.True(labels[sample] > 0));
        }

        int[] all = order.Samples.ToArray();
        AssertRounds(all.Where(sample => labels[sample] > 0), positives);
        AssertRounds(all.Where(sample => labels[sample] < 0), negatives);
        bool positivesDecide = positives * (batchSize / 2) >= negatives * ((batchSize + 1) / 2);
        Assert.Equal(positivesDecide ? positives : negatives, all.Count(sample => labels[sample] > 0 == positivesDecide));
    }

    /// <summary>Class sizes, batch size, steps, the last batch's samples of each class.</summary>
    public static TheoryData<int[], int, int, int[]> ClassSizes => new()
    {
        { [5, 5, 5], 6, 3, [1, 1, 1] },
        { [10, 4, 1], 7, 4, [1, 1, 1] },
        { [3, 3, 20], 9, 7, [2, 2, 2] },
        { [7, 7, 7, 8], 5, 8, [2, 1, 1, 1] },
        { [9, 9, 9], 128, 1, [10, 10, 9] },
        { [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 10, 1, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1] },
    };

    [Theory]
    [MemberData(nameof(ClassSizes))]
    public void Batches_OfSeveralClasses_AreBalancedAndCoverTheDecidingClassOnce(int[] sizes, int batchSize, int steps, int[] last)
    {
        sbyte[] labels = [.. sizes.SelectMany((size, label) => Enumerable.Repeat((sbyte)label, size))];
        new Random(1).Shuffle(labels);
        var order = BatchOrder.Create(BatchRule.Balanced, labels, batchSize, seed: 3, sizes.Length);
        order.Begin(1);
        Assert.Equal(steps, order.Steps);
        for (int step = 0; step < steps; step++)
        {
            sbyte[] batch = [.. order.Batch(step).ToArray().Select(sample => labels[sample])];
            Assert.Equal(batch.Order(), batch);
            int[] counts = [.. sizes.Select((_, label) => batch.Count(value => value == label))];
            int[] full = [.. sizes.Select((_, label) => (batchSize / sizes.Length) + (label < batchSize % sizes.Length ? 1 : 0))];
            Assert.Equal(step == steps - 1 ? last : full, counts);
        }

        int[] all = order.Samples.ToArray();
        Assert.All(sizes.Select((size, label) => (size, label)), entry => AssertRounds(all.Where(sample => labels[sample] == entry.label), entry.size));
        Assert.Contains(sizes.Select((size, label) => (size, label)), entry => all.Count(sample => labels[sample] == entry.label) == entry.size);
        Assert.Equal(labels.Length, all.Distinct().Count());
    }

    [Fact]
    public void Constructor_SeveralClasses_NeedsEachAndABatchForAll()
    {
        Assert.Throws<ArgumentException>(() => BatchOrder.Create(BatchRule.Balanced, [0, 1, 1], 4, 1, classes: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchOrder.Create(BatchRule.Balanced, [0, 1, 2], 2, 1, classes: 3));
    }

    [Fact]
    public void Begin_EpochsAndSeeds_DecideTheOrder()
    {
        sbyte[] labels = Labels(30, 20);
        var order = BatchOrder.Create(BatchRule.Balanced, labels, 8, seed: 3);
        var again = BatchOrder.Create(BatchRule.Balanced, labels, 8, seed: 3);
        order.Begin(1);
        int[] first = order.Samples.ToArray();
        order.Begin(2);
        int[] second = order.Samples.ToArray();
        again.Begin(2);
        Assert.NotEqual(first, second);
        Assert.Equal(second, again.Samples.ToArray());
        var other = BatchOrder.Create(BatchRule.Balanced, labels, 8, seed: 4);
        other.Begin(2);
        Assert.NotEqual(second, other.Samples.ToArray());
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(0, 4)]
    public void Constructor_OneClass_Throws(int positives, int negatives) =>
        Assert.Throws<ArgumentException>(() => BatchOrder.Create(BatchRule.Balanced, Labels(positives, negatives), 4, 1));

    /// <summary>Classes interleaved as far as both last.</summary>
    private static sbyte[] Labels(int positives, int negatives)
    {
        sbyte[] labels = [.. Enumerable.Repeat((sbyte)1, positives), .. Enumerable.Repeat((sbyte)-1, negatives)];
        new Random(1).Shuffle(labels);
        return labels;
    }

    /// <summary>Each round of a class holds all its samples once; the last one may be cut short.</summary>
    private static void AssertRounds(IEnumerable<int> samples, int size) =>
        Assert.All(samples.Chunk(size), round => Assert.Equal(round.Length, round.Distinct().Count()));
}
