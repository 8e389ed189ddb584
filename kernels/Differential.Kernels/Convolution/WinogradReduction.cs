using System.Runtime.CompilerServices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>The end of a weight gradient by F(3 × 3, 4 × 4): sums of products back to taps.</summary>
internal static unsafe class WinogradReduction
{
    /// <summary>Transforms the sums of one channel back and writes them in the weights' order.</summary>
    /// <param name="transforms">Of the device's vectors.</param>
    /// <param name="tiles">Of the device's vectors.</param>
    /// <param name="grid">The tiles.</param>
    /// <param name="sums">Element t's sums for the channel begin at t · channels · filters.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="dWeight">[filters, channels, 3, 3].</param>
    [SkipLocalsInit]
    public static void Write(WinogradSet transforms, TileSet tiles, WinogradGrid grid, float* sums, int channel, float* dWeight)
    {
        const int taps = WinogradTiles.Kernel * WinogradTiles.Kernel;
        float* gradient = stackalloc float[taps * 32];
        for (int first = 0; first < grid.Filters; first += tiles.Columns)
        {
            int width = Math.Min(tiles.Columns, grid.Filters - first);
            transforms.WeightGradient(sums + first, (nint)grid.Channels * grid.Filters, gradient, width, width);
            for (int filter = 0; filter < width; filter++)
            {
                float* destination = dWeight + ((((nint)(first + filter) * grid.Channels) + channel) * taps);
                for (int tap = 0; tap < taps; tap++)
                {
                    destination[tap] = gradient[(tap * width) + filter];
                }
            }
        }
    }
}
