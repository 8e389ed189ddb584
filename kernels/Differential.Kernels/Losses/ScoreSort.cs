using System.Runtime.CompilerServices;

namespace Differential.Kernels.Losses;

/// <summary>Sorts scores and carries their indices along: by comparison where few, by radix (11 bits a pass) where many.</summary>
internal static class ScoreSort
{
    private const int RadixFrom = 512;

    private const int Bits = 11;

    private const int Buckets = 1 << Bits;

    /// <summary>Sorts finite keys ascending, with the indices beside them. The scratch is as long as the keys.</summary>
    public static void Ascending(Span<float> keys, Span<int> indices, Span<float> keyScratch, Span<int> indexScratch)
    {
        if (keys.Length < RadixFrom)
        {
            keys.Sort(indices);
            return;
        }

        Span<int> counts = stackalloc int[3 * Buckets];
        counts.Clear();
        foreach (float key in keys)
        {
            uint bits = Ordered(key);
            counts[(int)(bits & (Buckets - 1))]++;
            counts[Buckets + (int)((bits >> Bits) & (Buckets - 1))]++;
            counts[(2 * Buckets) + (int)(bits >> (2 * Bits))]++;
        }

        Pass(keys, indices, keyScratch, indexScratch, counts[..Buckets], 0);
        Pass(keyScratch, indexScratch, keys, indices, counts.Slice(Buckets, Buckets), Bits);
        Pass(keys, indices, keyScratch, indexScratch, counts[(2 * Buckets)..], 2 * Bits);
        keyScratch[..keys.Length].CopyTo(keys);
        indexScratch[..keys.Length].CopyTo(indices);
    }

    private static void Pass(ReadOnlySpan<float> keys, ReadOnlySpan<int> indices, Span<float> toKeys, Span<int> toIndices, Span<int> counts, int shift)
    {
        int total = 0;
        foreach (ref int count in counts)
        {
            int start = total;
            total += count;
            count = start;
        }

        for (int i = 0; i < total; i++)
        {
            int bucket = (int)((Ordered(keys[i]) >> shift) & (Buckets - 1));
            int place = counts[bucket]++;
            toKeys[place] = keys[i];
            toIndices[place] = indices[i];
        }
    }

    /// <summary>The bits of a float mapped so that unsigned order is numerical order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Ordered(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return bits ^ ((uint)((int)bits >> 31) | 0x8000_0000u);
    }
}
