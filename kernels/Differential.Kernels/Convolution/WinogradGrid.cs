using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The tiles of one direction of a convolution: how many there are, where their pixels and weights lie, and how many make a block whose elements stay in
/// the second-level cache. Tiles are numbered image by image, row by row.
/// <para>
/// A convolution of stride 2 is a sum of convolutions of stride 1: for each remainder of row and column modulo the stride, a phase, every second
/// input meets every second tap. The phases' channels lie side by side as those of one input.
/// </para>
/// </summary>
internal sealed unsafe class WinogradGrid
{
    // Half a megabyte of elements of inputs and outputs beside the weights.
    private const int BlockFloats = 128 * 1024;

    private readonly Phase[] _phases;
    private readonly PixelLattice _output;
    private readonly int _columns;

    /// <param name="phases">The inputs, each of the same number of channels.</param>
    /// <param name="output">The outputs.</param>
    /// <param name="kernel">Taps of a phase along one axis.</param>
    private WinogradGrid(Phase[] phases, PixelLattice output, int kernel)
    {
        _phases = phases;
        _output = output;
        Kernel = kernel;
        Size = WinogradTiles.Outputs + kernel - 1;
        _columns = TilesAlong(Elements(output.Width, output.Column, output.Step));
        TilesPerImage = TilesAlong(Elements(output.Height, output.Row, output.Step)) * _columns;
    }

    /// <summary>Taps of a phase along one axis.</summary>
    public int Kernel { get; }

    /// <summary>Rows and columns of a tile.</summary>
    public int Size { get; }

    /// <summary>Elements of a tile.</summary>
    public int Area => Size * Size;

    /// <summary>Input channels of all phases.</summary>
    public int Channels => _phases.Length * PhaseChannels;

    public int Phases => _phases.Length;

    /// <summary>Input channels of a phase.</summary>
    public int PhaseChannels => _phases[0].Input.Channels;

    public int Filters => _output.Channels;

    /// <summary>Pixels of an output image.</summary>
    public int OutputPixels => _output.Height * _output.Width;

    /// <summary>Tiles of an image.</summary>
    public int TilesPerImage { get; }

    /// <summary>
    /// Whether tiles are open to a convolution (3 × 3 of stride 1 or 4 × 4 of stride 2, whole vectors of channels and filters) and take clearly fewer products
    /// than the direct way, which leaves out what lies in the padding. It is counted and not timed, so that a run repeats on every machine.
    /// </summary>
    public static bool Suits(TileSet tiles, Conv2dGeometry g) =>
        g is { Size: 3, Stride: 1 } or { Size: 4, Stride: 2 } && g.Padding < g.Size
        && g.Channels % tiles.Length == 0 && g.Filters % tiles.Length == 0
        && 3L * WeightElements(g) * TilesAlong(g.OutputHeight) * TilesAlong(g.OutputWidth)
            < 2L * Taps(g.Height, g.OutputHeight, g) * Taps(g.Width, g.OutputWidth, g) * g.Channels * g.Filters;

    /// <summary>Elements of the transformed weights, or of the sums of their gradient.</summary>
    public static long WeightElements(Conv2dGeometry g)
    {
        int size = WinogradTiles.Outputs + (g.Size / g.Stride) - 1;
        return (long)size * size * g.Stride * g.Stride * g.Channels * g.Filters;
    }

    /// <summary>The convolution itself, and its weight gradient.</summary>
    public static WinogradGrid Forward(Conv2dGeometry g)
    {
        var phases = new Phase[g.Stride * g.Stride];
        for (int i = 0; i < phases.Length; i++)
        {
            (int row, int column) = (i / g.Stride, i % g.Stride);
            phases[i] = new Phase(
                new PixelLattice(g.Height, g.Width, g.Channels, g.Stride, row - g.Padding, column - g.Padding),
                new WeightOrder((row * g.Size) + column, g.Stride * g.Size, g.Stride, Channel: g.Size * g.Size, Output: g.Channels * g.Size * g.Size));
        }

        return new WinogradGrid(phases, new PixelLattice(g.OutputHeight, g.OutputWidth, g.Filters, 1, 0, 0), g.Size / g.Stride);
    }

    /// <summary>The input gradient: for each phase the convolution of the output gradient with the phase's taps, last tap first.</summary>
    public static WinogradGrid[] BackwardInput(Conv2dGeometry g)
    {
        var grids = new WinogradGrid[g.Stride * g.Stride];
        int kernel = g.Size / g.Stride;
        for (int i = 0; i < grids.Length; i++)
        {
            (int row, int column) = (i / g.Stride, i % g.Stride);
            (int top, int left) = (First(row), First(column));
            (int lastRow, int lastColumn) = (row + (g.Stride * (kernel - 1)), column + (g.Stride * (kernel - 1)));
            var phase = new Phase(
                new PixelLattice(g.OutputHeight, g.OutputWidth, g.Filters, 1, Seen(top, row), Seen(left, column)),
                new WeightOrder((lastRow * g.Size) + lastColumn, -g.Stride * g.Size, -g.Stride, Channel: g.Channels * g.Size * g.Size, Output: g.Size * g.Size));
            grids[i] = new WinogradGrid([phase], new PixelLattice(g.Height, g.Width, g.Channels, g.Stride, top, left), kernel);
        }

        return grids;

        // The first pixel along an axis that a phase's taps reach, and the first output that it is seen by.
        int First(int phase) => (((phase - g.Padding) % g.Stride) + g.Stride) % g.Stride;
        int Seen(int first, int phase) => ((first + g.Padding - phase) / g.Stride) - (kernel - 1);
    }

    /// <summary>Floats from an element of a matrix to the next; never a multiple of a page, which would put all elements into one set of the cache.</summary>
    public static int ElementStride(int rows, int columns) => (rows * columns) + 16;

    /// <summary>
    /// Most tiles of a block: a few register tiles high, and with many channels so many that the weights, which each block reads once, are not the
    /// larger part of what it reads by far.
    /// </summary>
    public int BlockTiles(TileSet tiles)
    {
        int fit = BlockFloats / (Area * (Channels + Filters));
        int balanced = (int)((long)Channels * Filters / (Channels + Filters) / 4);
        return Math.Max(1, Math.Max(fit, balanced) / tiles.Rows) * tiles.Rows;
    }

    /// <summary>
    /// Tiles of a block of a weight gradient, whose sums each block reads and writes: so many that the sums are not the larger part of that, within three
    /// times the room that a block takes else.
    /// </summary>
    public int SummedTiles()
    {
        int fit = BlockFloats / (Area * (Channels + Filters));
        int balanced = (int)((long)Channels * Filters / (Channels + Filters));
        return Math.Max(1, Math.Max(fit, Math.Min(3 * fit, balanced)));
    }

    /// <summary>Where the weights of a channel, counted over all phases, lie: those of tap (row, column) and an output follow from the strides.</summary>
    /// <param name="weight">The first of all weights.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="order">The strides.</param>
    public float* Weights(float* weight, int channel, out WeightOrder order)
    {
        order = _phases[channel / PhaseChannels].Weights;
        return weight + order.Start + ((nint)(channel % PhaseChannels) * order.Channel);
    }

    /// <summary>Where a tile's input pixels of a phase lie; <paramref name="zeros"/> for those in the padding.</summary>
    public void InputTile(float* images, int phase, int tile, float* zeros, float** pixels)
    {
        nint image = Place(tile, out int top, out int left);
        _phases[phase].Input.Pixels(images, image, top, left, Size, zeros, pixels);
    }

    /// <summary>Where a tile's 16 output pixels lie; <paramref name="outside"/> for those beyond the image.</summary>
    public void OutputTile(float* images, int tile, float* outside, float** pixels)
    {
        nint image = Place(tile, out int top, out int left);
        _output.Pixels(images, image, top, left, WinogradTiles.Outputs, outside, pixels);
    }

    private static int TilesAlong(int outputs) => (outputs + WinogradTiles.Outputs - 1) / WinogradTiles.Outputs;

    private static int Elements(int extent, int first, int step) => first < extent ? ((extent - 1 - first) / step) + 1 : 0;

    /// <summary>Products of the direct way along one axis.</summary>
    private static long Taps(int inputs, int outputs, Conv2dGeometry g) =>
        WindowAxis.Forward(inputs, outputs, g.Size, g.Stride, g.Padding).Runs().Sum(static run => (long)run.Count * run.Taps);

    private nint Place(int tile, out int top, out int left)
    {
        top = tile % TilesPerImage / _columns * WinogradTiles.Outputs;
        left = tile % _columns * WinogradTiles.Outputs;
        return tile / TilesPerImage;
    }

    /// <summary>Inputs that meet the same taps.</summary>
    private readonly record struct Phase(PixelLattice Input, WeightOrder Weights);
}
