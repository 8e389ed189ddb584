using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>Arguments of <see cref="GemmKernel"/>.</summary>
internal readonly struct GemmArguments<TA, TB, TSink>(TA a, TB b, TSink sink, int rows, int depth, int depthPerSplit)
    where TA : struct, IOperand
    where TB : struct, IOperand
    where TSink : struct, ISink
{
    public readonly TA A = a;
    public readonly TB B = b;
    public readonly TSink Sink = sink;
    public readonly int Rows = rows;
    public readonly int Depth = depth;
    public readonly int DepthPerSplit = depthPerSplit;
}

/// <summary>
/// The one matrix product behind convolutions and dense layers, C[r, c] = Σₖ A(r, k)·B(c, k). Versions:
/// 1. One thread per output that reads both factors from memory: <c>Conv2dPlainKernels</c>, the readable reference.
/// 2. This one. A group computes a tile of C. Its threads copy slabs of both factors into shared memory, k outermost,
///    with 16-byte loads; then each thread adds up 8 × 8 outputs in registers, reading 16 floats for 64 products.
///    The sums are fields of structures and the 8 rows are written out, since local arrays would go to memory.
///    A thread's rows and columns come as two runs of four, half a tile apart, so that neighbouring threads read
///    neighbouring 16 bytes. With more than one split in the grid's third dimension each group sums a range of k only,
///    and <see cref="SplitKernel"/> adds the ranges in order.
/// k runs in ascending order everywhere, so the same product gives the same bits twice.
/// </summary>
internal static class GemmKernel
{
    /// <summary>Floats between rows of k in shared memory beyond the tile's own: transposed stores then hit different banks.</summary>
    private const int Padding = 4;

    public static void Run<TTile, TA, TB, TSink>(GemmArguments<TA, TB, TSink> arguments)
        where TTile : struct, ITile
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TSink : struct, ISink
    {
        ArrayView<Float4> aTile = SharedMemory.Allocate<Float4>(TTile.Depth * (TTile.Rows + Padding) / 4);
        ArrayView<Float4> bTile = SharedMemory.Allocate<Float4>(TTile.Depth * (TTile.Columns + Padding) / 4);
        int row = Grid.IdxX * TTile.Rows;
        int column = Grid.IdxY * TTile.Columns;
        int kBegin = Grid.IdxZ * arguments.DepthPerSplit;
        int kEnd = Math.Min(kBegin + arguments.DepthPerSplit, arguments.Depth);
        int across = Group.IdxX % (TTile.Columns / 8);
        int down = Group.IdxX / (TTile.Columns / 8);
        Float8 c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        for (int k = kBegin; k < kEnd; k += TTile.Depth)
        {
            Stage<TTile, TA>(aTile, arguments.A, TTile.Rows, row, k, kEnd);
            Stage<TTile, TB>(bTile, arguments.B, TTile.Columns, column, k, kEnd);
            GroupMemory.Barrier();
            for (int i = 0; i < TTile.Depth; i++)
            {
                int aLine = (i * ((TTile.Rows + Padding) / 4)) + down;
                int bLine = (i * ((TTile.Columns + Padding) / 4)) + across;
                Float4 aLow = aTile[aLine];
                Float4 aHigh = aTile[aLine + (TTile.Rows / 8)];
                Float4 bLow = bTile[bLine];
                Float4 bHigh = bTile[bLine + (TTile.Columns / 8)];
                c0 = Float8.MultiplyAdd(aLow.X, bLow, bHigh, c0);
                c1 = Float8.MultiplyAdd(aLow.Y, bLow, bHigh, c1);
                c2 = Float8.MultiplyAdd(aLow.Z, bLow, bHigh, c2);
                c3 = Float8.MultiplyAdd(aLow.W, bLow, bHigh, c3);
                c4 = Float8.MultiplyAdd(aHigh.X, bLow, bHigh, c4);
                c5 = Float8.MultiplyAdd(aHigh.Y, bLow, bHigh, c5);
                c6 = Float8.MultiplyAdd(aHigh.Z, bLow, bHigh, c6);
                c7 = Float8.MultiplyAdd(aHigh.W, bLow, bHigh, c7);
            }

            GroupMemory.Barrier();
        }

        row += down * 4;
        column += across * 4;
        Store<TTile, TA, TB, TSink>(arguments, row, column, c0);
        Store<TTile, TA, TB, TSink>(arguments, row + 1, column, c1);
        Store<TTile, TA, TB, TSink>(arguments, row + 2, column, c2);
        Store<TTile, TA, TB, TSink>(arguments, row + 3, column, c3);
        row += TTile.Rows / 2;
        Store<TTile, TA, TB, TSink>(arguments, row, column, c4);
        Store<TTile, TA, TB, TSink>(arguments, row + 1, column, c5);
        Store<TTile, TA, TB, TSink>(arguments, row + 2, column, c6);
        Store<TTile, TA, TB, TSink>(arguments, row + 3, column, c7);
    }

    /// <summary>Copies a slab of an operand to shared memory as [k, outer].</summary>
    private static void Stage<TTile, TOperand>(ArrayView<Float4> tile, TOperand operand, int extent, int outer, int k, int kEnd)
        where TTile : struct, ITile
        where TOperand : struct, IOperand
    {
        int units = extent * TTile.Depth / 4;
        int line = extent + Padding;
        for (int unit = Group.IdxX; unit < units; unit += Group.DimX)
        {
            if (TOperand.AlongK)
            {
                int dk = unit % (TTile.Depth / 4) * 4;
                int d = unit / (TTile.Depth / 4);
                Float4 value = operand.Load(outer + d, k + dk, kEnd);
                ArrayView<float> floats = tile.Cast<float>();
                floats[(dk * line) + d] = value.X;
                floats[((dk + 1) * line) + d] = value.Y;
                floats[((dk + 2) * line) + d] = value.Z;
                floats[((dk + 3) * line) + d] = value.W;
            }
            else
            {
                int d = unit % (extent / 4);
                int dk = unit / (extent / 4);
                tile[(dk * (line / 4)) + d] = operand.Load(outer + (d * 4), k + dk, kEnd);
            }
        }
    }

    private static void Store<TTile, TA, TB, TSink>(in GemmArguments<TA, TB, TSink> arguments, int row, int column, Float8 sums)
        where TTile : struct, ITile
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TSink : struct, ISink
    {
        if (row < arguments.Rows)
        {
            arguments.Sink.Store(row, column, sums.Low);
            arguments.Sink.Store(row, column + (TTile.Columns / 2), sums.High);
        }
    }
}
