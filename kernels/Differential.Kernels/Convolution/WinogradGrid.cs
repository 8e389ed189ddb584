using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The tiles of a 3 × 3 convolution of stride 1: how many there are, where their pixels lie, and how many make a block whose elements stay in the
/// second-level cache. Tiles are numbered image by image, row by row.
/// </summary>
/// <param name="height">Input rows.</param>
/// <param name="width">Input columns.</param>
/// <param name="channels">Input channels.</param>
/// <param name="filters">Output channels.</param>
/// <param name="padding">Zeros around the input, 0 to 2.</param>
internal sealed unsafe class WinogradGrid(int height, int width, int channels, int filters, int padding)
{
    // Half a megabyte of elements of inputs and outputs beside the weights.
    private const int BlockFloats = 128 * 1024;

    public int Channels => channels;

    public int Filters => filters;

    public int OutputHeight { get; } = height + (2 * padding) - WinogradTiles.Kernel + 1;

    public int OutputWidth { get; } = width + (2 * padding) - WinogradTiles.Kernel + 1;

    /// <summary>Tiles of an image.</summary>
    public int TilesPerImage => Rows * Columns;

    private int Rows => (OutputHeight + WinogradTiles.Outputs - 1) / WinogradTiles.Outputs;

    private int Columns => (OutputWidth + WinogradTiles.Outputs - 1) / WinogradTiles.Outputs;

    /// <summary>
    /// Most tiles of a block: a few register tiles high, and with many channels so many that the weights, which each block reads once, are not the
    /// larger part of what it reads by far.
    /// </summary>
    public int BlockTiles(TileSet tiles)
    {
        int fit = BlockFloats / (WinogradTiles.Area * (channels + filters));
        int balanced = (int)((long)channels * filters / (channels + filters) / 4);
        return Math.Max(1, Math.Max(fit, balanced) / tiles.Rows) * tiles.Rows;
    }

    /// <summary>Floats from an element of a matrix to the next; never a multiple of a page, which would put all elements into one set of the cache.</summary>
    public static int ElementStride(int rows, int columns) => (rows * columns) + 16;

    /// <summary>Where the 36 input pixels of a tile lie; <paramref name="zeros"/> for those in the padding.</summary>
    public void InputPixels(float* images, int tile, float* zeros, float** pixels)
    {
        float* image = images + (Place(tile, out int top, out int left) * height * width * channels);
        top -= padding;
        left -= padding;
        for (int row = 0; row < WinogradTiles.Size; row++, pixels += WinogradTiles.Size)
        {
            int y = top + row;
            float* line = image + ((nint)y * width * channels);
            for (int column = 0; column < WinogradTiles.Size; column++)
            {
                int x = left + column;
                pixels[column] = (uint)y < (uint)height && (uint)x < (uint)width ? line + ((nint)x * channels) : zeros;
            }
        }
    }

    /// <summary>Where the 16 output pixels of a tile lie; <paramref name="outside"/> for those beyond the image.</summary>
    public void OutputPixels(float* images, int tile, float* outside, float** pixels)
    {
        float* image = images + (Place(tile, out int top, out int left) * OutputHeight * OutputWidth * filters);
        for (int row = 0; row < WinogradTiles.Outputs; row++, pixels += WinogradTiles.Outputs)
        {
            int y = top + row;
            float* line = image + ((nint)y * OutputWidth * filters);
            for (int column = 0; column < WinogradTiles.Outputs; column++)
            {
                int x = left + column;
                pixels[column] = y < OutputHeight && x < OutputWidth ? line + ((nint)x * filters) : outside;
            }
        }
    }

    private nint Place(int tile, out int top, out int left)
    {
        top = tile % TilesPerImage / Columns * WinogradTiles.Outputs;
        left = tile % Columns * WinogradTiles.Outputs;
        return tile / TilesPerImage;
    }
}
