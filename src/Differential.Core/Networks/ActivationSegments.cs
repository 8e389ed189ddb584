namespace Differential.Core.Networks;

/// <summary>
/// Where a network whose activations are recomputed is cut. The nodes in their order become segments; outputs that later segments take are kept, the others
/// of one segment are there at a time. The cut takes the least memory for both.
/// </summary>
internal static class ActivationSegments
{
    /// <summary>Sizes of segments that are tried, at most.</summary>
    private const int MostLimits = 64;

    /// <param name="lengths">Elements of each node's output; 0 for what is kept in any case.</param>
    /// <param name="lastTakers">The last node that takes it.</param>
    /// <param name="most">Most elements within a segment.</param>
    /// <returns>The first node of each segment.</returns>
    public static int[] Cut(IReadOnlyList<int> lengths, IReadOnlyList<int> lastTakers, long most)
    {
        long[] limits = Limits(lengths, lastTakers, most);
        (long Total, int[] Starts) best = (long.MaxValue, []);
        foreach (long limit in limits)
        {
            (long kept, int[] starts) = Cheapest(lengths, lastTakers, limit);

            // Of equal ones the one with larger segments: fewer of its activations are recomputed.
            if (kept + limit <= best.Total)
            {
                best = (kept + limit, starts);
            }
        }

        return best.Starts;
    }

    /// <summary>The elements within every possible segment: each once, some of them where there are many.</summary>
    private static long[] Limits(IReadOnlyList<int> lengths, IReadOnlyList<int> lastTakers, long most)
    {
        var sizes = new HashSet<long> { 0 };
        for (int end = 1; end <= lengths.Count; end++)
        {
            long inner = 0;
            for (int start = end - 1; start >= 0; start--)
            {
                inner += lastTakers[start] < end ? lengths[start] : 0;
                if (inner <= most)
                {
                    sizes.Add(inner);
                }
            }
        }

        long[] all = [.. sizes.Order()];
        return all.Length <= MostLimits ? all : [.. Enumerable.Range(0, MostLimits).Select(i => all[(int)((long)i * (all.Length - 1) / (MostLimits - 1))])];
    }

    /// <summary>The segments within a limit whose kept outputs are fewest. There always are some: a node alone has nothing within.</summary>
    private static (long Kept, int[] Starts) Cheapest(IReadOnlyList<int> lengths, IReadOnlyList<int> lastTakers, long limit)
    {
        var cost = new long[lengths.Count + 1];
        var from = new int[lengths.Count + 1];
        for (int end = 1; end <= lengths.Count; end++)
        {
            cost[end] = long.MaxValue;
            (long inner, long kept) = (0, 0);
            for (int start = end - 1; start >= 0; start--)
            {
                if (lastTakers[start] < end)
                {
                    inner += lengths[start];
                }
                else
                {
                    kept += lengths[start];
                }

                if (inner <= limit && cost[start] != long.MaxValue && cost[start] + kept <= cost[end])
                {
                    (cost[end], from[end]) = (cost[start] + kept, start);
                }
            }
        }

        var starts = new List<int>();
        for (int end = lengths.Count; end > 0; end = from[end])
        {
            starts.Add(from[end]);
        }

        starts.Reverse();
        return (cost[^1], [.. starts]);
    }
}
