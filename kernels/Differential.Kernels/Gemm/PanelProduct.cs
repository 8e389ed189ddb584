using System.Runtime.CompilerServices;
using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Gemm;

/// <summary>
/// output = left · right with right [steps, columns] row-major and left in any strides. A chunk is a panel of one
/// or two vectors of columns and a block of rows; it copies its panel into the cache, where the panel's rows do not
/// lie a whole matrix row apart.
/// </summary>
internal readonly unsafe struct PanelProduct : IChunkBody
{
    private const int BlockSteps = 256;
    private const int MaxColumns = 32;

    private readonly SimdDevice _device;
    private readonly PanelOperands _operands;
    private readonly int _rowBlocks;

    public PanelProduct(SimdDevice device, in PanelOperands operands)
    {
        _device = device;
        _operands = operands;

        // More row blocks copy a panel more often; they are made only where there are too few panels for the threads.
        int wanted = ((4 * device.Threads) + Panels - 1) / Panels;
        _rowBlocks = Math.Clamp(wanted, 1, Math.Max(1, operands.Rows / (2 * device.Tiles.Rows)));
    }

    public int Chunks => Panels * _rowBlocks;

    private int Panels => (_operands.Columns + _device.Tiles.Columns - 1) / _device.Tiles.Columns;

    [SkipLocalsInit]
    public void Run(int chunk)
    {
        TileSet tiles = _device.Tiles;
        int first = chunk / _rowBlocks * tiles.Columns;
        int block = chunk % _rowBlocks;
        int from = (int)((long)_operands.Rows * block / _rowBlocks);
        int to = (int)((long)_operands.Rows * (block + 1) / _rowBlocks);
        int columns = Math.Min(tiles.Columns, _operands.Columns - first);
        int width = tiles.Pad(columns);
        float* zeros = stackalloc float[MaxColumns];
        new Span<float>(zeros, MaxColumns).Clear();
        float* panel = stackalloc float[BlockSteps * MaxColumns];
        float* output = _operands.Output + ((nint)from * _operands.Columns) + first;
        for (int step = 0; step < _operands.Steps; step += BlockSteps)
        {
            int steps = Math.Min(BlockSteps, _operands.Steps - step);
            float* right = _operands.Right + ((nint)step * _operands.Columns) + first;
            for (int i = 0; i < steps; i++)
            {
                // Whole vectors: what lies behind the last column is read, and never written anywhere.
                new ReadOnlySpan<float>(right + ((nint)i * _operands.Columns), width).CopyTo(new Span<float>(panel + (i * width), width));
            }

            TileOperands tile = new()
            {
                Left = _operands.Left + (from * _operands.RowStride) + (step * _operands.StepStride),
                RowStride = _operands.RowStride,
                StepStride = _operands.StepStride,
                Right = panel,
                RightStride = width,
                Steps = steps,
                Segments = 1,
                Start = step == 0 ? zeros : output,
                StartStride = step == 0 ? 0 : _operands.Columns,
                Output = output,
                OutputStride = _operands.Columns,
                Floor = float.NegativeInfinity,
            };
            tiles.MultiplyRows(tile, to - from, columns);
        }
    }
}

/// <summary>The matrices of a <see cref="PanelProduct"/>; strides count floats.</summary>
internal unsafe struct PanelOperands
{
    public float* Left;
    public nint RowStride;
    public nint StepStride;

    /// <summary>[steps, columns], row-major.</summary>
    public float* Right;

    /// <summary>[rows, columns], row-major; overwritten.</summary>
    public float* Output;

    public int Rows;
    public int Steps;
    public int Columns;
}
