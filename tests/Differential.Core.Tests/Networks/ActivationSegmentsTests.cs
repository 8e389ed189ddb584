using CsCheck;
using Differential.Core.Networks;

namespace Differential.Core.Tests.Networks;

/// <summary>Cuts of networks whose activations are recomputed.</summary>
public sealed class ActivationSegmentsTests
{
    [Fact]
    public void Cut_OfAChainOfEqualOutputs_AtTheRootOfItsLength()
    {
        // 16 outputs: 4 segments keep 3 outputs and have 3 or 4 within.
        int[] starts = ActivationSegments.Cut([.. Enumerable.Repeat(10, 15), 0], [.. Enumerable.Range(1, 15), 15], int.MaxValue);
        Assert.Equal(60, Total(starts, [.. Enumerable.Repeat(10, 15), 0], [.. Enumerable.Range(1, 15), 15]));
    }

    [Fact]
    public void Cut_WithNoRoomWithin_LeavesEachNodeAlone() =>
        Assert.Equal([0, 1, 2, 3], ActivationSegments.Cut([5, 6, 7, 0], [1, 2, 3, 3], 0));

    /// <summary>Against all cuts of generated graphs.</summary>
    [Fact]
    public void Cut_OfGeneratedGraphs_TakesNoMoreThanAnyOther() =>
        (from count in Gen.Int[1, 9]
         from lengths in Gen.Int[1, 20].Array[count]
         from jumps in Gen.Int[1, 4].Array[count]
         select (lengths, jumps)).Sample(graph =>
         {
             int count = graph.lengths.Length;
             int[] lengths = [.. graph.lengths.Take(count - 1), 0];
             int[] last = [.. graph.jumps.Select((jump, i) => Math.Min(i + jump, count - 1))];
             int[] starts = ActivationSegments.Cut(lengths, last, int.MaxValue);
             long best = Enumerable.Range(0, 1 << (count - 1)).Min(cuts => Total([0, .. Enumerable.Range(1, count - 1).Where(i => (cuts >> (i - 1) & 1) == 1)], lengths, last));
             Assert.Equal(0, starts[0]);
             Assert.Equal(starts.Order().Distinct(), starts);
             Assert.Equal(best, Total(starts, lengths, last));
         });

    /// <summary>What is kept, and the most that is within a segment.</summary>
    private static long Total(int[] starts, int[] lengths, int[] last)
    {
        long kept = 0, most = 0;
        for (int segment = 0; segment < starts.Length; segment++)
        {
            int end = segment + 1 < starts.Length ? starts[segment + 1] : lengths.Length;
            int[] nodes = [.. Enumerable.Range(starts[segment], end - starts[segment])];
            kept += nodes.Where(node => last[node] >= end).Sum(node => (long)lengths[node]);
            most = Math.Max(most, nodes.Where(node => last[node] < end).Sum(node => (long)lengths[node]));
        }

        return kept + most;
    }
}
