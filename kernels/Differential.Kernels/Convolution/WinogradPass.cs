using System.Runtime.CompilerServices;
using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// A convolution by tiles of 4 × 4 outputs, or its input gradient or a phase of that, which is the convolution of the output gradient with the turned kernel.
/// A block of tiles is transformed, multiplied element by element with the transformed weights and transformed back while it lies in the cache.
/// Each output is computed by one block, so that results do not depend on the number of threads.
/// </summary>
internal sealed unsafe class WinogradPass : IDisposable
{
    private readonly SimdDevice _device;
    private readonly WinogradSet _transforms;
    private readonly WinogradGrid _grid;
    private readonly int _blockTiles;
    private readonly int _inputStride;
    private readonly int _outputStride;
    private readonly WorkspaceLease _workspace;

    public WinogradPass(SimdDevice device, WinogradSet transforms, WinogradGrid grid)
    {
        _device = device;
        _transforms = transforms;
        _grid = grid;
        _blockTiles = grid.BlockTiles(device.Tiles);
        _inputStride = WinogradGrid.ElementStride(_blockTiles, grid.Channels);
        _outputStride = WinogradGrid.ElementStride(_blockTiles, grid.Filters);
        _workspace = new WorkspaceLease(device, (grid.Area * ElementLength) + (device.Threads * BlockLength));
    }

    private int BlockLength => (_grid.Area * (_inputStride + _outputStride)) + _grid.Channels;

    // Of the weights.
    private int ElementLength => WinogradGrid.ElementStride(_grid.Channels, _grid.Filters);

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
        float* places = weights + (_grid.Area * (nint)ElementLength);
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
        int kernel = _grid.Kernel;
        float* first = _grid.Weights(weight, channel, out WeightOrder order);
        float* gathered = stackalloc float[WinogradTiles.MaxTaps * 32];
        for (int output = 0; output < _grid.Filters; output += tiles.Columns)
        {
            int width = Math.Min(tiles.Columns, _grid.Filters - output);
            for (int tap = 0; tap < kernel * kernel; tap++)
            {
                float* source = first + (tap / kernel * order.Row) + (tap % kernel * order.Column) + ((nint)output * order.Output);
                for (int j = 0; j < width; j++)
                {
                    gathered[(tap * width) + j] = source[j * (nint)order.Output];
                }
            }

            _transforms.Weights(gathered, width, weights + ((nint)output * _grid.Channels) + ((nint)channel * width), ElementLength, width);
        }
    }

    [SkipLocalsInit]
    private void RunBlock(float* input, float* weights, float* bias, float floor, float* output, float* block, int from, int to)
    {
        float* transformed = block;
        float* products = transformed + (_grid.Area * (nint)_inputStride);
        float* zeros = products + (_grid.Area * (nint)_outputStride);
        float** pixels = stackalloc float*[WinogradTiles.MaxArea];
        for (int tile = from; tile < to; tile++)
        {
            for (int phase = 0; phase < _grid.Phases; phase++)
            {
                _grid.InputTile(input, phase, tile, zeros, pixels);
                _transforms.Input(pixels, transformed + ((nint)(tile - from) * _grid.Channels) + (phase * _grid.PhaseChannels), _inputStride, _grid.PhaseChannels);
            }
        }

        for (int element = 0; element < _grid.Area; element++)
        {
            Multiply(transformed + (element * (nint)_inputStride), weights + (element * (nint)ElementLength), products + (element * (nint)_outputStride), to - from);
        }

        for (int tile = from; tile < to; tile++)
        {
            _grid.OutputTile(output, tile, null, pixels);
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
