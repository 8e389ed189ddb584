using System.Runtime.CompilerServices;
using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The weight gradient of a convolution by F(3 × 3, 4 × 4) or F(2 × 2, 4 × 4): tiles of inputs and of output gradients are transformed, multiplied with the
/// sum over tiles, and the sums transformed back. Images are summed in groups that depend on their number alone, and the groups in order.
/// </summary>
internal sealed unsafe class WinogradGradient : IWeightGradientPlan
{
    private const int MaxGroups = 8;
    private const int MaxPartialFloats = 1 << 23;

    private readonly SimdDevice _device;
    private readonly WinogradSet _transforms;
    private readonly WinogradGrid _grid;
    private readonly int _maxGroups;
    private readonly int _blockTiles;
    private readonly int _inputStride;
    private readonly int _outputStride;
    private readonly WorkspaceLease _workspace;

    public WinogradGradient(SimdDevice device, WinogradSet transforms, Conv2dGeometry g, int maxBatch)
    {
        _device = device;
        _transforms = transforms;
        _grid = WinogradGrid.Forward(g);
        _maxGroups = Math.Min(MaxGroups, maxBatch);
        _blockTiles = _grid.SummedTiles();
        _inputStride = WinogradGrid.ElementStride(_blockTiles, _grid.Channels);
        _outputStride = WinogradGrid.ElementStride(_blockTiles, _grid.Filters);
        _workspace = new WorkspaceLease(device, (_maxGroups * PartialLength) + (Math.Min(device.Threads, _maxGroups) * BlockLength));
    }

    // Sums of a group: [elements of a tile][channels][filters], and the bias's behind.
    private int PartialLength => (_grid.Area * ElementLength) + _grid.Filters;

    private int ElementLength => _grid.Channels * _grid.Filters;

    private int BlockLength => (_grid.Area * (_inputStride + _outputStride)) + Math.Max(_grid.Channels, _grid.Filters);

    /// <summary>Whether the sums of all groups have room, of a geometry that is open to tiles.</summary>
    public static bool Suits(Conv2dGeometry geometry) =>
        MaxGroups * WinogradGrid.WeightElements(geometry) <= MaxPartialFloats;

    public void Reserve() => _workspace.Reserve();

    public void Run(float* x, float* dy, float* dWeight, float* dBias, int count)
    {
        float* partial = _workspace.Pointer();
        float* places = partial + (_maxGroups * (nint)PartialLength);
        int groups = Math.Min(count, _maxGroups);
        int taken = 0;
        _device.For(
            Math.Min(_device.Threads, groups),
            new GroupBody(this, x, dy, partial, places, count, groups, dBias != null, &taken));
        _device.For(_grid.Channels, new ReduceBody(this, partial, groups, dWeight));
        if (dBias != null)
        {
            _device.Tiles.SumRows(partial + (_grid.Area * (nint)ElementLength), PartialLength, groups, dBias, _grid.Filters);
        }
    }

    public void Dispose() => _workspace.Dispose();

    [SkipLocalsInit]
    private void Accumulate(float* x, float* dy, float* sums, float* block, int fromImage, int toImage)
    {
        float* inputs = block;
        float* gradients = inputs + (_grid.Area * (nint)_inputStride);
        float* zeros = gradients + (_grid.Area * (nint)_outputStride);
        new Span<float>(zeros, Math.Max(_grid.Channels, _grid.Filters)).Clear();
        new Span<float>(sums, _grid.Area * ElementLength).Clear();
        float** pixels = stackalloc float*[WinogradTiles.MaxArea];
        int last = toImage * _grid.TilesPerImage;
        for (int from = fromImage * _grid.TilesPerImage; from < last; from += _blockTiles)
        {
            int to = Math.Min(last, from + _blockTiles);
            for (int tile = from; tile < to; tile++)
            {
                for (int phase = 0; phase < _grid.Phases; phase++)
                {
                    _grid.InputTile(x, phase, tile, zeros, pixels);
                    _transforms.Input(pixels, inputs + ((nint)(tile - from) * _grid.Channels) + (phase * _grid.PhaseChannels), _inputStride, _grid.PhaseChannels);
                }

                _grid.OutputTile(dy, tile, zeros, pixels);
                _transforms.OutputGradient(pixels, gradients + ((nint)(tile - from) * _grid.Filters), _outputStride, _grid.Filters);
            }

            for (int element = 0; element < _grid.Area; element++)
            {
                WinogradReduction.Multiply(_device.Tiles, _grid, inputs + (element * (nint)_inputStride), gradients + (element * (nint)_outputStride), sums + (element * (nint)ElementLength), null, to - from);
            }
        }
    }

    /// <summary>Adds the groups' sums for one channel, transforms them back and writes them in the weights' order.</summary>
    [SkipLocalsInit]
    private void Reduce(float* partial, int groups, int channel, float* dWeight)
    {
        TileSet tiles = _device.Tiles;
        float* row = partial + ((nint)channel * _grid.Filters);
        for (int element = 0; element < _grid.Area; element++)
        {
            // The sum is left in the first group's place, which nobody else reads.
            float* sums = row + (element * (nint)ElementLength);
            tiles.SumRows(sums, PartialLength, groups, sums, _grid.Filters);
        }

        WinogradReduction.Write(_transforms, tiles, _grid, row, channel, dWeight);
    }

    /// <summary>A chunk is a thread's place: it takes groups until none is left.</summary>
    private readonly struct GroupBody(
        WinogradGradient gradient, float* x, float* dy, float* partial, float* places, int count, int groups, bool bias, int* taken) : IChunkBody
    {
        public void Run(int chunk)
        {
            for (int group = Interlocked.Increment(ref *taken) - 1; group < groups; group = Interlocked.Increment(ref *taken) - 1)
            {
                int from = (int)((long)count * group / groups);
                int to = (int)((long)count * (group + 1) / groups);
                float* sums = partial + ((nint)group * gradient.PartialLength);
                gradient.Accumulate(x, dy, sums, places + ((nint)chunk * gradient.BlockLength), from, to);
                if (bias)
                {
                    WinogradGrid grid = gradient._grid;
                    nint pixels = grid.OutputPixels;
                    gradient._device.Tiles.SumRows(
                        dy + (from * pixels * grid.Filters), grid.Filters, (to - from) * pixels, sums + (grid.Area * (nint)gradient.ElementLength), grid.Filters);
                }
            }
        }
    }

    private readonly struct ReduceBody(WinogradGradient gradient, float* partial, int groups, float* dWeight) : IChunkBody
    {
        public void Run(int chunk) => gradient.Reduce(partial, groups, chunk, dWeight);
    }
}
