using System.Runtime.CompilerServices;
using Differential.Kernels.Devices;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The same gradient as <see cref="WinogradGradient"/> for many channels and filters, whose sums have room but once: the threads share the transforms of a
/// block of tiles, and then the elements of the tiles. Each sum runs over the tiles in order, so that it does not depend on the number of threads.
/// </summary>
internal sealed unsafe class WinogradWideGradient : IWeightGradientPlan
{
    private const int MaxSums = 1 << 24;
    private const int MaxBlockFloats = 1 << 22;
    private const int TilesPerChunk = 4;

    private readonly SimdDevice _device;
    private readonly WinogradSet _transforms;
    private readonly WinogradGrid _grid;
    private readonly int _blockTiles;
    private readonly int _inputStride;
    private readonly int _outputStride;
    private readonly WorkspaceLease _workspace;

    public WinogradWideGradient(SimdDevice device, WinogradSet transforms, Conv2dGeometry g, int maxBatch)
    {
        _device = device;
        _transforms = transforms;
        _grid = WinogradGrid.Forward(g);
        _blockTiles = (int)Math.Clamp((long)maxBatch * _grid.TilesPerImage, 1, Math.Max(TilesPerChunk, MaxBlockFloats / (_grid.Area * (_grid.Channels + _grid.Filters))));
        _inputStride = WinogradGrid.ElementStride(_blockTiles, _grid.Channels);
        _outputStride = WinogradGrid.ElementStride(_blockTiles, _grid.Filters);
        _workspace = new WorkspaceLease(device, (_grid.Area * (ElementLength + _inputStride + _outputStride)) + ZeroLength);
    }

    private int ElementLength => _grid.Channels * _grid.Filters;

    private int ZeroLength => Math.Max(_grid.Channels, _grid.Filters);

    /// <summary>Whether the sums have room, of a geometry that is open to tiles.</summary>
    public static bool Suits(Conv2dGeometry geometry) => WinogradGrid.WeightElements(geometry) <= MaxSums;

    public void Reserve() => _workspace.Reserve();

    public void Run(float* x, float* dy, float* dWeight, float* dBias, int count)
    {
        float* sums = _workspace.Pointer();
        float* inputs = sums + (_grid.Area * (nint)ElementLength);
        float* gradients = inputs + (_grid.Area * (nint)_inputStride);
        float* zeros = gradients + (_grid.Area * (nint)_outputStride);
        new Span<float>(zeros, ZeroLength).Clear();
        int last = count * _grid.TilesPerImage;
        for (int from = 0; from < last; from += _blockTiles)
        {
            int tiles = Math.Min(_blockTiles, last - from);
            _device.For((tiles + TilesPerChunk - 1) / TilesPerChunk, new TransformBody(this, x, dy, inputs, gradients, zeros, from, tiles));
            _device.For(_grid.Area, new MultiplyBody(this, inputs, gradients, sums, from == 0 ? zeros : null, tiles));
        }

        _device.For(_grid.Channels, new WriteBody(this, sums, dWeight));
        if (dBias != null)
        {
            _device.Tiles.SumRows(dy, _grid.Filters, (nint)count * _grid.OutputPixels, dBias, _grid.Filters);
        }
    }

    public void Dispose() => _workspace.Dispose();

    private readonly struct TransformBody(WinogradWideGradient gradient, float* x, float* dy, float* inputs, float* gradients, float* zeros, int from, int tiles) : IChunkBody
    {
        [SkipLocalsInit]
        public void Run(int chunk)
        {
            WinogradGrid grid = gradient._grid;
            float** pixels = stackalloc float*[WinogradTiles.MaxArea];
            int end = Math.Min(tiles, (chunk + 1) * TilesPerChunk);
            for (int tile = chunk * TilesPerChunk; tile < end; tile++)
            {
                for (int phase = 0; phase < grid.Phases; phase++)
                {
                    grid.InputTile(x, phase, from + tile, zeros, pixels);
                    gradient._transforms.Input(pixels, inputs + ((nint)tile * grid.Channels) + (phase * grid.PhaseChannels), gradient._inputStride, grid.PhaseChannels);
                }

                grid.OutputTile(dy, from + tile, zeros, pixels);
                gradient._transforms.OutputGradient(pixels, gradients + ((nint)tile * grid.Filters), gradient._outputStride, grid.Filters);
            }
        }
    }

    private readonly struct MultiplyBody(WinogradWideGradient gradient, float* inputs, float* gradients, float* sums, float* zeros, int tiles) : IChunkBody
    {
        public void Run(int chunk) => WinogradReduction.Multiply(
            gradient._device.Tiles, gradient._grid, inputs + (chunk * (nint)gradient._inputStride), gradients + (chunk * (nint)gradient._outputStride), sums + (chunk * (nint)gradient.ElementLength), zeros, tiles);
    }

    private readonly struct WriteBody(WinogradWideGradient gradient, float* sums, float* dWeight) : IChunkBody
    {
        public void Run(int chunk) =>
            WinogradReduction.Write(gradient._transforms, gradient._device.Tiles, gradient._grid, sums + ((nint)chunk * gradient._grid.Filters), chunk, dWeight);
    }
}
