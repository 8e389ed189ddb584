using System.Runtime.CompilerServices;
using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// A 3 × 3 convolution of stride 1 by F(4 × 4, 3 × 3), or its input gradient, which is the convolution of the output gradient with the turned kernel.
/// A block of tiles is transformed, multiplied element by element with the transformed weights and transformed back while it lies in the cache.
/// Each output is computed by one block, so that results do not depend on the number of threads.
/// </summary>
internal sealed unsafe class WinogradPass : IDisposable
{
    private readonly SimdDevice _device;
    private readonly WinogradSet _transforms;
    private readonly WinogradGrid _grid;
    private readonly bool _turned;
    private readonly int _blockTiles;
    private readonly int _inputStride;
    private readonly int _outputStride;
    private readonly WorkspaceLease _workspace;

    private WinogradPass(SimdDevice device, WinogradSet transforms, WinogradGrid grid, bool turned)
    {
        _device = device;
        _transforms = transforms;
        _grid = grid;
        _turned = turned;
        _blockTiles = grid.BlockTiles(device.Tiles);
        _inputStride = WinogradGrid.ElementStride(_blockTiles, grid.Channels);
        _outputStride = WinogradGrid.ElementStride(_blockTiles, grid.Filters);
        _workspace = new WorkspaceLease(device, (WinogradTiles.Area * ElementLength) + (device.Threads * BlockLength));
    }

    private int BlockLength => (WinogradTiles.Area * (_inputStride + _outputStride)) + _grid.Channels;

    // Of the weights.
    private int ElementLength => WinogradGrid.ElementStride(_grid.Channels, _grid.Filters);

    /// <summary>
    /// Whether this way is open to a convolution (3 × 3, stride 1, whole vectors of channels and filters) and takes clearly fewer products than the
    /// direct one, which leaves out what lies in the padding: images of 3 × 3 and less are direct. It is counted and not timed, so that a run
    /// repeats on every machine.
    /// </summary>
    public static bool Suits(TileSet tiles, Conv2dGeometry geometry) =>
        geometry.Size == WinogradTiles.Kernel && geometry.Stride == 1 && geometry.Padding < WinogradTiles.Kernel
        && geometry.Channels % tiles.Length == 0 && geometry.Filters % tiles.Length == 0
        && 3 * WinogradTiles.Area * TilesAlong(geometry.OutputHeight) * TilesAlong(geometry.OutputWidth)
            < 2L * Taps(geometry.Height, geometry.OutputHeight, geometry.Padding) * Taps(geometry.Width, geometry.OutputWidth, geometry.Padding);

    public static WinogradPass Forward(SimdDevice device, WinogradSet transforms, Conv2dGeometry g) =>
        new(device, transforms, new WinogradGrid(g.Height, g.Width, g.Channels, g.Filters, g.Padding), turned: false);

    public static WinogradPass BackwardInput(SimdDevice device, WinogradSet transforms, Conv2dGeometry g) =>
        new(device, transforms, new WinogradGrid(g.OutputHeight, g.OutputWidth, g.Filters, g.Channels, WinogradTiles.Kernel - 1 - g.Padding), turned: true);

    private static long TilesAlong(int outputs) => (outputs + WinogradTiles.Outputs - 1) / WinogradTiles.Outputs;

    /// <summary>Products of the direct way along one axis.</summary>
    private static long Taps(int inputs, int outputs, int padding) =>
        WindowAxis.Forward(inputs, outputs, WinogradTiles.Kernel, 1, padding).Runs().Sum(static run => (long)run.Count * run.Taps);

    /// <summary>Makes room for the transformed weights and a block for each thread.</summary>
    public void Reserve() => _workspace.Reserve();

    /// <summary>Computes <paramref name="count"/> images.</summary>
    /// <param name="input">Images [count, height, width, channels].</param>
    /// <param name="weight">Weights in PyTorch's order; they are transformed anew in each call.</param>
    /// <param name="bias">A value per output channel.</param>
    /// <param name="floor">0 for a ReLU, −∞ for none.</param>
    /// <param name="output">Images [count, height, width, output channels], overwritten.</param>
    /// <param name="count">Number of images.</param>
    public void Run(float* input, float* weight, float* bias, float floor, float* output, int count)
    {
        float* weights = _workspace.Pointer();
        float* places = weights + (WinogradTiles.Area * (nint)ElementLength);
        _device.For(_grid.Channels, new WeightBody(this, weight, weights));
        int tiles = count * _grid.TilesPerImage;
        int blocks = Math.Max((tiles + _blockTiles - 1) / _blockTiles, Math.Min(_device.Threads, (tiles + _device.Tiles.Rows - 1) / _device.Tiles.Rows));
        int taken = 0;
        _device.For(
            Math.Min(_device.Threads, blocks),
            new BlockBody(this, input, weights, bias, floor, output, places, tiles, blocks, &taken));
    }

    public void Dispose() => _workspace.Dispose();

    /// <summary>Transforms the weights of one input channel: element t of channel c and a panel's outputs lie side by side, as the register tiles read them.</summary>
    [SkipLocalsInit]
    private void TransformWeights(float* weight, float* weights, int channel)
    {
        TileSet tiles = _device.Tiles;
        int taps = WinogradTiles.Kernel * WinogradTiles.Kernel;
        float* gathered = stackalloc float[taps * 32];
        for (int first = 0; first < _grid.Filters; first += tiles.Columns)
        {
            int width = Math.Min(tiles.Columns, _grid.Filters - first);
            for (int tap = 0; tap < taps; tap++)
            {
                for (int j = 0; j < width; j++)
                {
                    int output = first + j;
                    gathered[(tap * width) + j] = _turned
                        ? weight[((((nint)channel * _grid.Filters) + output) * taps) + taps - 1 - tap]
                        : weight[((((nint)output * _grid.Channels) + channel) * taps) + tap];
                }
            }

            _transforms.Weights(gathered, width, weights + ((nint)first * _grid.Channels) + ((nint)channel * width), ElementLength, width);
        }
    }

    [SkipLocalsInit]
    private void RunBlock(float* input, float* weights, float* bias, float floor, float* output, float* block, int from, int to)
    {
        float* transformed = block;
        float* products = transformed + (WinogradTiles.Area * (nint)_inputStride);
        float* zeros = products + (WinogradTiles.Area * (nint)_outputStride);
        float** pixels = stackalloc float*[WinogradTiles.Area];
        for (int tile = from; tile < to; tile++)
        {
            _grid.InputPixels(input, tile, zeros, pixels);
            _transforms.Input(pixels, transformed + ((nint)(tile - from) * _grid.Channels), _inputStride, _grid.Channels);
        }

        for (int element = 0; element < WinogradTiles.Area; element++)
        {
            Multiply(transformed + (element * (nint)_inputStride), weights + (element * (nint)ElementLength), products + (element * (nint)_outputStride), to - from);
        }

        for (int tile = from; tile < to; tile++)
        {
            _grid.OutputPixels(output, tile, null, pixels);
            _transforms.Output(products + ((nint)(tile - from) * _grid.Filters), _outputStride, bias, floor, pixels, _grid.Filters);
        }
    }

    private void Multiply(float* transformed, float* weights, float* products, int rows)
    {
        TileSet tiles = _device.Tiles;
        float* start = stackalloc float[32];
        for (int first = 0; first < _grid.Filters; first += tiles.Columns)
        {
            int width = Math.Min(tiles.Columns, _grid.Filters - first);
            TileOperands operands = new()
            {
                Left = transformed,
                RowStride = _grid.Channels,
                StepStride = 1,
                Right = weights + ((nint)first * _grid.Channels),
                RightStride = width,
                Steps = _grid.Channels,
                Segments = 1,
                Start = start,
                Output = products + first,
                OutputStride = _grid.Filters,
                Floor = float.NegativeInfinity,
            };
            tiles.MultiplyRows(operands, rows, width);
        }
    }

    private readonly struct WeightBody(WinogradPass pass, float* weight, float* weights) : IChunkBody
    {
        public void Run(int chunk) => pass.TransformWeights(weight, weights, chunk);
    }

    /// <summary>A chunk is a thread's place: it takes blocks until none is left.</summary>
    private readonly struct BlockBody(
        WinogradPass pass, float* input, float* weights, float* bias, float floor, float* output, float* places, int tiles, int blocks, int* taken) : IChunkBody
    {
        public void Run(int chunk)
        {
            float* place = places + ((nint)chunk * pass.BlockLength);
            new Span<float>(place + pass.BlockLength - pass._grid.Channels, pass._grid.Channels).Clear();
            for (int block = Interlocked.Increment(ref *taken) - 1; block < blocks; block = Interlocked.Increment(ref *taken) - 1)
            {
                int from = (int)((long)tiles * block / blocks);
                pass.RunBlock(input, weights, bias, floor, output, place, from, (int)((long)tiles * (block + 1) / blocks));
            }
        }
    }
}
