using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>A slab of one factor in shared memory, as words of a matrix format, for <see cref="MatrixKernel"/>.</summary>
internal static class MatrixSlab<TTile, TOperand>
    where TTile : struct, ITile
    where TOperand : struct, IOperand
{
    /// <summary>Words of the slab of <paramref name="extent"/> outers.</summary>
    public static int Length(int extent) => TOperand.AlongK ? extent * (TTile.Depth + 4) : TTile.Depth * (extent + 8);

    /// <summary>Where a word lies; linear in both.</summary>
    public static int Offset(int extent, int outer, int word) => TOperand.AlongK ? (outer * (TTile.Depth + 4)) + word : (word * (extent + 8)) + outer;

    /// <summary>Copies a slab to shared memory, rounded and packed.</summary>
    public static void Stage<TFormat>(ArrayView<Word4> tile, TOperand operand, int extent, int outer, int k, int kEnd, bool permuted)
        where TFormat : struct, IMatrixFormat
    {
        int stride = TTile.Rows * TTile.Columns / 64;
        int units = extent * TTile.Depth / 4;
        if (!operand.IsAligned)
        {
            for (int unit = Group.IdxX; unit < units; unit += stride)
            {
                Put(tile, extent, unit, Fetch<TFormat>(operand, extent, unit, outer, k, kEnd, aligned: false), permuted);
            }

            return;
        }

        for (int unit = Group.IdxX; unit < units; unit += 2 * stride)
        {
            // As in GemmKernel: loads before stores.
            Word4 first = Fetch<TFormat>(operand, extent, unit, outer, k, kEnd, aligned: true);
            Word4 second = Fetch<TFormat>(operand, extent, unit + stride, outer, k, kEnd, aligned: true);
            Put(tile, extent, unit, first, permuted);
            Put(tile, extent, unit + stride, second, permuted);
        }
    }

    /// <summary>Where a unit of four words begins; neighbouring units are neighbours in memory.</summary>
    private static void Place(int extent, int unit, out int outer, out int word)
    {
        int units = TOperand.AlongK ? TTile.Depth / 4 : extent / 4;
        int along = (unit & (units - 1)) * 4;
        int across = unit / units;
        outer = TOperand.AlongK ? across : along;
        word = TOperand.AlongK ? along : across;
    }

    private static Word4 Fetch<TFormat>(TOperand operand, int extent, int unit, int outer, int k, int kEnd, bool aligned)
        where TFormat : struct, IMatrixFormat
    {
        Place(extent, unit, out int outerStep, out int word);
        outer += outerStep;
        k += word * TFormat.Steps;
        Float4 first = aligned ? operand.LoadAligned(outer, k, kEnd) : operand.Load(outer, k, kEnd);
        Float4 second = default;
        if (TFormat.Steps == 2)
        {
            k += TOperand.AlongK ? 4 : 1;
            second = aligned ? operand.LoadAligned(outer, k, kEnd) : operand.Load(outer, k, kEnd);
        }

        return TOperand.AlongK ? TFormat.PackAlong(first, second) : TFormat.PackAcross(first, second);
    }

    private static void Put(ArrayView<Word4> tile, int extent, int unit, Word4 value, bool permuted)
    {
        Place(extent, unit, out int outer, out int word);
        if (TOperand.AlongK)
        {
            tile[Offset(extent, permuted ? MatrixKernel.PositionOf(outer) : outer, word) / 4] = value;
        }
        else if (permuted)
        {
            ArrayView<Word2> pairs = tile.Cast<Word2>().SubView(Offset(extent, MatrixKernel.PositionOf(outer), word) / 2);
            pairs[0] = new Word2(value.X, value.Y);
            pairs[4] = new Word2(value.Z, value.W);
        }
        else
        {
            tile[Offset(extent, outer, word) / 4] = value;
        }
    }
}
