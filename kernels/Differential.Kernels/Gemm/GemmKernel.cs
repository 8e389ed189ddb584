using Differential.Kernels.Gpu;
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
/// 1. One thread per output that reads both factors from memory: the readable reference of the tests (<c>Conv2dPlainKernels</c>).
/// 2. This one. A group computes a tile of C. Its threads copy slabs of both factors into shared memory, k outermost,
///    with 16-byte loads; then each thread adds up 8 × 8 outputs in registers, reading 16 floats for 64 products.
///    The sums are fields of structures and the 8 rows are written out, since local arrays would go to memory; so are
///    four steps of k, since neither ILGPU nor ptxas unrolls the loop over them.
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
        int across = Group.IdxX & ((TTile.Columns / 8) - 1);
        int down = Group.IdxX / (TTile.Columns / 8);
        ThreadTile sums = default;
        for (int k = kBegin; k < kEnd; k += TTile.Depth)
        {
            Stage<TTile, TA>(aTile, arguments.A, TTile.Rows, row, k, kEnd);
            Stage<TTile, TB>(bTile, arguments.B, TTile.Columns, column, k, kEnd);
            GroupMemory.Barrier();
            for (int i = 0; i < TTile.Depth; i += 4)
            {
                // Views that start at the thread's own place: the offsets from there are constants in the loads.
                ArrayView<Float4> a = aTile.SubView((i * Line(TTile.Rows)) + down);
                ArrayView<Float4> b = bTile.SubView((i * Line(TTile.Columns)) + across);
                sums = Step<TTile>(a, b, 0, sums);
                sums = Step<TTile>(a, b, 1, sums);
                sums = Step<TTile>(a, b, 2, sums);
                sums = Step<TTile>(a, b, 3, sums);
            }

            GroupMemory.Barrier();
        }

        row += down * 4;
        column += across * 4;
        Store<TTile, TA, TB, TSink>(arguments, row, column, sums.Row0);
        Store<TTile, TA, TB, TSink>(arguments, row + 1, column, sums.Row1);
        Store<TTile, TA, TB, TSink>(arguments, row + 2, column, sums.Row2);
        Store<TTile, TA, TB, TSink>(arguments, row + 3, column, sums.Row3);
        row += TTile.Rows / 2;
        Store<TTile, TA, TB, TSink>(arguments, row, column, sums.Row4);
        Store<TTile, TA, TB, TSink>(arguments, row + 1, column, sums.Row5);
        Store<TTile, TA, TB, TSink>(arguments, row + 2, column, sums.Row6);
        Store<TTile, TA, TB, TSink>(arguments, row + 3, column, sums.Row7);
    }

    /// <summary>Units of four floats from one k to the next in shared memory.</summary>
    private static int Line(int extent) => (extent + Padding) / 4;

    /// <summary>Adds the products of one k to a thread's sums.</summary>
    private static ThreadTile Step<TTile>(ArrayView<Float4> a, ArrayView<Float4> b, int k, ThreadTile sums)
        where TTile : struct, ITile
    {
        int aLow = k * Line(TTile.Rows);
        int bLow = k * Line(TTile.Columns);
        return ThreadTile.MultiplyAdd(a[aLow], a[aLow + (TTile.Rows / 8)], b[bLow], b[bLow + (TTile.Columns / 8)], sums);
    }

    /// <summary>Copies a slab of an operand to shared memory as [k, outer]. Extents are powers of two: ILGPU makes no mask of a remainder.</summary>
    private static void Stage<TTile, TOperand>(ArrayView<Float4> tile, TOperand operand, int extent, int outer, int k, int kEnd)
        where TTile : struct, ITile
        where TOperand : struct, IOperand
    {
        int stride = TTile.Rows * TTile.Columns / 64;
        int units = extent * TTile.Depth / 4;
        if (!operand.IsAligned)
        {
            for (int unit = Group.IdxX; unit < units; unit += stride)
            {
                Place<TTile, TOperand>(extent, unit, out int outerStep, out int kStep);
                Put<TTile, TOperand>(tile, extent, unit, operand.Load(outer + outerStep, k + kStep, kEnd));
            }

            return;
        }

        for (int unit = Group.IdxX; unit < units; unit += 4 * stride)
        {
            // All loads come before the first store: a thread waits for memory once, not four times.
            Float4 first = Fetch<TTile, TOperand>(operand, extent, unit, outer, k, kEnd);
            Float4 second = Fetch<TTile, TOperand>(operand, extent, unit + stride, outer, k, kEnd);
            Float4 third = default;
            Float4 fourth = default;
            if (units > 2 * stride)
            {
                third = Fetch<TTile, TOperand>(operand, extent, unit + (2 * stride), outer, k, kEnd);
                fourth = Fetch<TTile, TOperand>(operand, extent, unit + (3 * stride), outer, k, kEnd);
            }

            Put<TTile, TOperand>(tile, extent, unit, first);
            Put<TTile, TOperand>(tile, extent, unit + stride, second);
            if (units > 2 * stride)
            {
                Put<TTile, TOperand>(tile, extent, unit + (2 * stride), third);
                Put<TTile, TOperand>(tile, extent, unit + (3 * stride), fourth);
            }
        }
    }

    /// <summary>Where a unit of four elements lies within a slab; neighbouring units are neighbours in memory.</summary>
    private static void Place<TTile, TOperand>(int extent, int unit, out int outer, out int k)
        where TTile : struct, ITile
        where TOperand : struct, IOperand
    {
        int units = TOperand.AlongK ? TTile.Depth / 4 : extent / 4;
        int along = (unit & (units - 1)) * 4;
        int across = unit / units;
        outer = TOperand.AlongK ? across : along;
        k = TOperand.AlongK ? along : across;
    }

    private static Float4 Fetch<TTile, TOperand>(TOperand operand, int extent, int unit, int outer, int k, int kEnd)
        where TTile : struct, ITile
        where TOperand : struct, IOperand
    {
        Place<TTile, TOperand>(extent, unit, out int outerStep, out int kStep);
        return operand.LoadAligned(outer + outerStep, k + kStep, kEnd);
    }

    private static void Put<TTile, TOperand>(ArrayView<Float4> tile, int extent, int unit, Float4 value)
        where TTile : struct, ITile
        where TOperand : struct, IOperand
    {
        Place<TTile, TOperand>(extent, unit, out int outer, out int k);
        if (TOperand.AlongK)
        {
            int line = extent + Padding;
            ArrayView<float> floats = tile.Cast<float>().SubView((k * line) + outer);
            floats[0] = value.X;
            floats[line] = value.Y;
            floats[2 * line] = value.Z;
            floats[3 * line] = value.W;
        }
        else
        {
            tile[(k * Line(extent)) + (outer / 4)] = value;
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
