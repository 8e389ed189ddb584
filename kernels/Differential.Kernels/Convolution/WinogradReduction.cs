using System.Runtime.CompilerServices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>What both weight gradients by tiles end with: products of tiles summed up, and the sums back to taps.</summary>
internal static unsafe class WinogradReduction
{
    /// <summary>sums[c, f] += Σ over tiles of inputs[tile, c] · gradients[tile, f] for one element; = where <paramref name="zeros"/> is given.</summary>
    /// <param name="tiles">Of the device's vectors.</param>
    /// <param name="grid">Channels and filters.</param>
    /// <param name="inputs">[tiles, channels].</param>
    /// <param name="gradients">[tiles, filters].</param>
    /// <param name="sums">[channels, filters].</param>
    /// <param name="zeros">As many zeros as filters, from which the sums start; null to go on with what is in them.</param>
    /// <param name="tilesInBlock">Tiles.</param>
    public static void Multiply(TileSet tiles, WinogradGrid grid, float* inputs, float* gradients, float* sums, float* zeros, int tilesInBlock)
    {
        for (int first = 0; first < grid.Filters; first += tiles.Columns)
        {
            TileOperands operands = new()
            {
                Left = inputs,
                RowStride = 1,
                StepStride = grid.Channels,
                Right = gradients + first,
                RightStride = grid.Filters,
                Steps = tilesInBlock,
                Segments = 1,
                Start = zeros != null ? zeros + first : sums + first,
                StartStride = zeros != null ? 0 : grid.Filters,
                Output = sums + first,
                OutputStride = grid.Filters,
                Floor = float.NegativeInfinity,
            };
            tiles.MultiplyRows(operands, grid.Channels, Math.Min(tiles.Columns, grid.Filters - first));
        }
    }

    /// <summary>Transforms the sums of one channel back and writes them in the weights' order.</summary>
    /// <param name="transforms">Of the device's vectors.</param>
    /// <param name="tiles">Of the device's vectors.</param>
    /// <param name="grid">The tiles.</param>
    /// <param name="sums">Element t's sums for the channel begin at t · channels · filters.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="dWeight">In PyTorch's order.</param>
    [SkipLocalsInit]
    public static void Write(WinogradSet transforms, TileSet tiles, WinogradGrid grid, float* sums, int channel, float* dWeight)
    {
        int kernel = grid.Kernel;
        float* weights = grid.Weights(dWeight, channel, out WeightOrder order);
        float* gradient = stackalloc float[WinogradTiles.MaxTaps * 32];
        for (int first = 0; first < grid.Filters; first += tiles.Columns)
        {
            int width = Math.Min(tiles.Columns, grid.Filters - first);
            transforms.WeightGradient(sums + first, (nint)grid.Channels * grid.Filters, gradient, width, width);
            for (int filter = 0; filter < width; filter++)
            {
                float* destination = weights + ((nint)(first + filter) * order.Output);
                for (int tap = 0; tap < kernel * kernel; tap++)
                {
                    destination[(tap / kernel * order.Row) + (tap % kernel * order.Column)] = gradient[(tap * width) + filter];
                }
            }
        }
    }
}
