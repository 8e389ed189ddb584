using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Differential.Core.Numerics;
using Differential.Kernels.Simd;

namespace Differential.Core.Networks;

/// <summary>
/// The partial sums of a dense layer on the SIMD device (<see cref="SimdSums"/>), for whichever width of vectors they are largest: those of each
/// lane, those of the lanes added together in whatever order, those of the products behind the last vector, and those of the blocks with the
/// bias and the threshold.
/// </summary>
internal static class DensePartialSums
{
    private const int Group = 4;

    /// <summary>Σ|partial sum| of one output, each partial sum with what it can move by within a box.</summary>
    /// <param name="w">The output's weights.</param>
    /// <param name="x">The centre of the box.</param>
    /// <param name="radius">Its half-widths.</param>
    /// <param name="count">Number of offsets: bias and threshold.</param>
    /// <param name="offsets">The sum of their sizes.</param>
    public static double Sizes(ReadOnlySpan<double> w, ReadOnlySpan<double> x, ReadOnlySpan<double> radius, int count, double offsets)
    {
        double largest = 0;
        foreach (int lanes in SimdSums.Lanes)
        {
            (double output, double width, double size) = (0, 0, 0);
            for (int from = 0; from < w.Length; from += SimdSums.BlockInputs)
            {
                int length = Math.Min(SimdSums.BlockInputs, w.Length - from);
                (double sum, double spread) = Block(w.Slice(from, length), x.Slice(from, length), radius.Slice(from, length), lanes, ref size);
                output += sum;
                width += spread;
                size += Math.Abs(output) + width + offsets;
            }

            largest = Math.Max(largest, size + (count * (Math.Abs(output) + width + offsets)));
        }

        return largest;
    }

    /// <summary>What <see cref="Sizes"/> of outputs grows by, in L2 and in L∞, where the inputs move by 1.</summary>
    /// <remarks>
    /// A partial sum takes some of the inputs, so that its norm is at most that of all. Of B blocks of L lanes the L·B parts of the input are disjoint: the sum
    /// of their norms is at most √(L·B) times the norm of the input. In L∞ the parts of one step add up to a row.
    /// </remarks>
    /// <param name="inputs">Of the layer.</param>
    /// <param name="offsets">Number of offsets.</param>
    /// <param name="norm">Upper bounds on the norms of the outputs' rows.</param>
    public static (double L2, double Linf) Growth(int inputs, int offsets, (double L2, double Linf) norm)
    {
        (double inL2, double inLinf) = (0, 0);
        int blocks = (inputs + SimdSums.BlockInputs - 1) / SimdSums.BlockInputs;
        foreach (int lanes in SimdSums.Lanes)
        {
            int chain = Math.Min(inputs, SimdSums.BlockInputs) / lanes;
            int merges = lanes - 1;
            int behind = merges + blocks + offsets;
            inL2 = Math.Max(inL2, ((chain + merges) * Math.Sqrt((double)lanes * blocks)) + behind);
            inLinf = Math.Max(inLinf, chain + merges + behind);
        }

        double up = 1 + (16 * SumRounding.DoubleUnit);
        return (inL2 * norm.L2 * up, inLinf * norm.Linf * up);
    }

    /// <summary>The sum of a block, and what it can move by; adds the sizes of its partial sums.</summary>
    private static (double Sum, double Spread) Block(ReadOnlySpan<double> w, ReadOnlySpan<double> x, ReadOnlySpan<double> radius, int lanes, ref double size)
    {
        int stride = lanes / Group;
        int steps = w.Length / lanes;
        (double sum, double spread, double merged) = (0, 0, 0);
        for (int group = 0; group < stride; group++)
        {
            ReadOnlySpan<Vector256<double>> wide = MemoryMarshal.Cast<double, Vector256<double>>(w);
            ReadOnlySpan<Vector256<double>> values = MemoryMarshal.Cast<double, Vector256<double>>(x);
            ReadOnlySpan<Vector256<double>> widths = MemoryMarshal.Cast<double, Vector256<double>>(radius);
            (Vector256<double> sums, Vector256<double> spreads, Vector256<double> sizes) = (default, default, default);
            for (int step = 0, i = group; step < steps; step++, i += stride)
            {
                sums += wide[i] * values[i];
                spreads += Vector256.Abs(wide[i]) * widths[i];
                sizes += Vector256.Abs(sums) + spreads;
            }

            sum += Vector256.Sum(sums);
            spread += Vector256.Sum(spreads);
            size += Vector256.Sum(sizes);
            merged += Vector256.Sum(Vector256.Abs(sums) + spreads);
        }

        size += (lanes - 1) * merged;
        for (int i = steps * lanes; i < w.Length; i++)
        {
            sum += w[i] * x[i];
            spread += Math.Abs(w[i]) * radius[i];
            size += Math.Abs(sum) + spread;
        }

        return (sum, spread);
    }
}
