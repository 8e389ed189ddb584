using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>
/// The product of <see cref="GemmKernel"/> on the tensor cores: its factors rounded to a format of
/// <see cref="MatrixInstruction"/>, its sums in float32. A group computes the same tile of C; each of its warps has 64 × 32
/// sums, 16 matrix instructions for every 8 words of k. The factors are rounded and packed once, on their way to shared
/// memory. There a factor read along k lies as [outer, word], 4 words of space behind each outer, the other one as
/// [word, outer], 8 words of space behind each word: the fragments' reads then hit 32 different banks.
/// Of 16 neighbouring columns of C, the first instruction has those with bit 1 clear, the second the others, so that a
/// thread holds four neighbours, as sinks take them: <see cref="PositionOf"/>.
/// </summary>
internal static class MatrixKernel
{
    public static void Run<TTile, TFormat, TA, TB, TSink>(GemmArguments<TA, TB, TSink> arguments)
        where TTile : struct, ITile
        where TFormat : struct, IMatrixFormat
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TSink : struct, ISink
    {
        ArrayView<Word4> aTile = SharedMemory.Allocate<Word4>(MatrixSlab<TTile, TA>.Length(TTile.Rows) / 4);
        ArrayView<Word4> bTile = SharedMemory.Allocate<Word4>(MatrixSlab<TTile, TB>.Length(TTile.Columns) / 4);
        int row = Grid.IdxX * TTile.Rows;
        int column = Grid.IdxY * TTile.Columns;
        int kBegin = Grid.IdxZ * arguments.DepthPerSplit;
        int kEnd = Math.Min(kBegin + arguments.DepthPerSplit, arguments.Depth);
        int warp = Group.IdxX / 32;
        int warpRow = warp / (TTile.Columns / 32) * 64;
        int warpColumn = (warp & ((TTile.Columns / 32) - 1)) * 32;
        int across = Group.IdxX & 3;
        int down = (Group.IdxX & 31) / 4;
        MatrixSums sums = default;
        for (int k = kBegin; k < kEnd; k += TTile.Depth * TFormat.Steps)
        {
            MatrixSlab<TTile, TA>.Stage<TFormat>(aTile, arguments.A, TTile.Rows, row, k, kEnd, permuted: false);
            MatrixSlab<TTile, TB>.Stage<TFormat>(bTile, arguments.B, TTile.Columns, column, k, kEnd, permuted: true);
            GroupMemory.Barrier();
            for (int word = 0; word < TTile.Depth; word += 8)
            {
                ArrayView<int> a = aTile.Cast<int>().SubView(MatrixSlab<TTile, TA>.Offset(TTile.Rows, warpRow + down, word + across));
                ArrayView<int> b = bTile.Cast<int>().SubView(MatrixSlab<TTile, TB>.Offset(TTile.Columns, warpColumn + down, word + across));
                sums = TFormat.Multiply(
                    new MatrixRows(Left<TTile, TA>(a, 0), Left<TTile, TA>(a, 16), Left<TTile, TA>(a, 32), Left<TTile, TA>(a, 48)),
                    new MatrixColumns(Right<TTile, TB>(b, 0), Right<TTile, TB>(b, 8), Right<TTile, TB>(b, 16), Right<TTile, TB>(b, 24)),
                    sums);
            }

            GroupMemory.Barrier();
        }

        row += warpRow + down;
        column += warpColumn + (across * 4);
        Store(arguments, row, column, sums.Row0);
        Store(arguments, row + 16, column, sums.Row1);
        Store(arguments, row + 32, column, sums.Row2);
        Store(arguments, row + 48, column, sums.Row3);
    }

    /// <summary>Where in the slab of B a column lies.</summary>
    public static int PositionOf(int column) => (column & ~15) | ((column & 2) << 2) | ((column >> 1) & 6) | (column & 1);

    /// <summary>A thread's fragment of 16 rows and 8 words, from the view that starts at its first element.</summary>
    private static Word4 Left<TTile, TA>(ArrayView<int> a, int outer)
        where TTile : struct, ITile
        where TA : struct, IOperand => new(
            a[MatrixSlab<TTile, TA>.Offset(TTile.Rows, outer, 0)],
            a[MatrixSlab<TTile, TA>.Offset(TTile.Rows, outer + 8, 0)],
            a[MatrixSlab<TTile, TA>.Offset(TTile.Rows, outer, 4)],
            a[MatrixSlab<TTile, TA>.Offset(TTile.Rows, outer + 8, 4)]);

    /// <summary>A thread's fragment of 8 columns and 8 words.</summary>
    private static Word2 Right<TTile, TB>(ArrayView<int> b, int outer)
        where TTile : struct, ITile
        where TB : struct, IOperand => new(
            b[MatrixSlab<TTile, TB>.Offset(TTile.Columns, outer, 0)],
            b[MatrixSlab<TTile, TB>.Offset(TTile.Columns, outer, 4)]);

    private static void Store<TA, TB, TSink>(in GemmArguments<TA, TB, TSink> arguments, int row, int column, MatrixRow sums)
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TSink : struct, ISink
    {
        if (row < arguments.Rows)
        {
            arguments.Sink.Store(row, column, new Float4(sums.C0.X, sums.C0.Y, sums.C1.X, sums.C1.Y));
            arguments.Sink.Store(row, column + 16, new Float4(sums.C2.X, sums.C2.Y, sums.C3.X, sums.C3.Y));
        }

        if (row + 8 < arguments.Rows)
        {
            arguments.Sink.Store(row + 8, column, new Float4(sums.C0.Z, sums.C0.W, sums.C1.Z, sums.C1.W));
            arguments.Sink.Store(row + 8, column + 16, new Float4(sums.C2.Z, sums.C2.W, sums.C3.Z, sums.C3.W));
        }
    }
}
