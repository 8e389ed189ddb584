using Differential.Core.Numerics;
using Differential.Kernels.Convolution;

namespace Differential.Core.Networks;

/// <summary>
/// How much the partial sums of a convolution grow with its input. They run over kernel rows, kernel columns and channels in this order. Each tap is a
/// matrix from channels to filters at each position, so that a partial sum's norm is at most that of the matrices of its taps added up;
/// taps whose rows or columns differ modulo the stride read different pixels, and their squares add up.
/// </summary>
internal static class ConvPartialSums
{
    /// <summary>Larger matrices are bounded by their elements' squares.</summary>
    private const int MostRows = 128;

    private const double Tolerance = 1e-3;

    /// <summary>What Σ|partial sum| grows by, in L2 and in L∞, where the input moves by 1.</summary>
    /// <param name="geometry">Of the convolution.</param>
    /// <param name="weight">[tap, channel, filter].</param>
    public static (double L2, double Linf) Growth(Conv2dGeometry geometry, double[] weight)
    {
        (int channels, int filters, int stride) = (geometry.Channels, geometry.Filters, geometry.Stride);
        var phases = new double[stride * stride];
        var rows = new double[filters];
        var chains = new double[filters];
        double sum = 0;
        for (int tap = 0; tap < geometry.Size * geometry.Size; tap++)
        {
            phases[(tap / geometry.Size % stride * stride) + (tap % geometry.Size % stride)] += TapNorm(weight.AsSpan(tap * channels * filters, channels * filters), channels, filters);
            sum += channels * VectorMath.Norm(phases);
            for (int channel = 0; channel < channels; channel++)
            {
                for (int filter = 0; filter < filters; filter++)
                {
                    rows[filter] += Math.Abs(weight[(((tap * channels) + channel) * filters) + filter]);
                    chains[filter] += rows[filter];
                }
            }
        }

        double up = 1 + ((weight.Length + 64) * SumRounding.DoubleUnit);
        return (sum * up, chains.Max() * up);
    }

    private static double TapNorm(ReadOnlySpan<double> tap, int channels, int filters)
    {
        double all = VectorMath.Norm(tap) * (1 + ((tap.Length + 8) * SumRounding.DoubleUnit));
        if (Math.Min(channels, filters) > MostRows || !(all > 0) || !double.IsFinite(all))
        {
            return all;
        }

        var rows = new double[channels][];
        for (int channel = 0; channel < channels; channel++)
        {
            rows[channel] = tap.Slice(channel * filters, filters).ToArray();
        }

        double[][] fewer = channels <= filters ? rows : [.. Enumerable.Range(0, filters).Select(filter => rows.Select(row => row[filter]).ToArray())];
        return Math.Min(all, MatrixNorm.Upper(fewer, Tolerance));
    }
}
