using CsCheck;
using Differential.Core.Batches;

namespace Differential.Core.Tests.Batches;

/// <summary>Natural and proportional batches of uneven classes.</summary>
public class UnevenOrderTests
{
    /// <summary>Class sizes, batch size and seed.</summary>
    private static readonly Gen<(int[] Sizes, int BatchSize, long Seed)> Cases =
        from sizes in Gen.Int[1, 60].Array[2, 5]
        from more in Gen.Int[0, 40]
        from seed in Gen.Long[1, 1000]
        select (sizes, sizes.Length + more, seed);

    [Fact]
    public void Natural_AnySizes_GoesOnceThroughEverySample() => Cases.Sample(
        test =>
        {
            BatchOrder order = Create(BatchRule.Natural, test, out sbyte[] labels);
            order.Begin(1);
            int[] first = order.Samples.ToArray();
            order.Begin(2);
            Assert.Equal(Enumerable.Range(0, labels.Length), first.Order());
            Assert.Equal(Enumerable.Range(0, labels.Length), order.Samples.ToArray().Order());
            Assert.Equal((labels.Length + test.BatchSize - 1) / test.BatchSize, order.Steps);
            Assert.All(Enumerable.Range(0, order.Steps - 1), step => Assert.Equal(test.BatchSize, order.Count(step)));
            Assert.All(Enumerable.Range(0, order.Steps), step =>
                Assert.Equal(order.Batch(step).ToArray().Select(sample => labels[sample]).Distinct().Count() == 1, order.IsOfOneClass(step)));
        },
        iter: 200);

    [Fact]
    public void Proportional_AnySizes_HasEachClassInItsShare() => Cases.Sample(
        test =>
        {
            BatchOrder order = Create(BatchRule.Proportional, test, out sbyte[] labels);
            order.Begin(3);
            int classes = test.Sizes.Length;
            int steps = (labels.Length + test.BatchSize - 1) / test.BatchSize;
            Assert.Equal(steps, order.Steps);
            for (int step = 0; step < steps; step++)
            {
                int[] batch = order.Batch(step).ToArray();
                Assert.InRange(batch.Length, 1, test.BatchSize + classes);
                for (int number = 0; number < classes; number++)
                {
                    double share = test.Sizes[number] / (double)steps;
                    Assert.InRange(batch.Count(sample => Class(labels[sample], classes) == number), Math.Max(1, (int)Math.Floor(share)), Math.Max(1, (int)Math.Ceiling(share)));
                }
            }

            // A class with a sample for each batch comes once; a smaller one once a batch, in whole rounds.
            for (int number = 0; number < classes; number++)
            {
                int[] own = [.. order.Samples.ToArray().Where(sample => Class(labels[sample], classes) == number)];
                Assert.Equal(Math.Max(steps, test.Sizes[number]), own.Length);
                Assert.All(own.Chunk(test.Sizes[number]), round => Assert.Equal(round.Length, round.Distinct().Count()));
            }
        },
        iter: 200);

    [Fact]
    public void Begin_EpochsAndSeeds_DecideTheOrder()
    {
        foreach (BatchRule rule in (BatchRule[])[BatchRule.Natural, BatchRule.Proportional])
        {
            BatchOrder order = Create(rule, ([40, 3], 8, 1), out _);
            BatchOrder other = Create(rule, ([40, 3], 8, 2), out _);
            order.Begin(2);
            other.Begin(2);
            int[] second = order.Samples.ToArray();
            Assert.NotEqual(second, other.Samples.ToArray());
            order.Begin(1);
            Assert.NotEqual(second, order.Samples.ToArray());
            order.Begin(2);
            Assert.Equal(second, order.Samples.ToArray());
        }
    }

    [Theory]
    [InlineData(BatchRule.Natural)]
    [InlineData(BatchRule.Proportional)]
    public void Create_OneClass_Throws(BatchRule rule) => Assert.Throws<ArgumentException>(() => BatchOrder.Create(rule, [1, 1, 1], 2, 1));

    private static BatchOrder Create(BatchRule rule, (int[] Sizes, int BatchSize, long Seed) test, out sbyte[] labels)
    {
        int classes = test.Sizes.Length;
        labels = [.. test.Sizes.SelectMany((size, number) => Enumerable.Repeat((sbyte)(classes > 2 ? number : 1 - (2 * number)), size))];
        new Random(1).Shuffle(labels);
        return BatchOrder.Create(rule, labels, test.BatchSize, test.Seed, classes);
    }

    private static int Class(sbyte label, int classes) => classes > 2 ? label : label > 0 ? 0 : 1;
}
