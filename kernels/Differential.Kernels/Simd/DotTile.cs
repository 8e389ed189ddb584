using System.Runtime.CompilerServices;

namespace Differential.Kernels.Simd;

/// <summary>
/// Products of rows with rows: a tile of up to 2 × 8 dot products whose vectors run along the reduction, so that
/// neither operand has to be transposed. The tile is wide because the right rows stay in the first-level cache while left rows
/// come from the second: each left vector is multiplied as often as there are columns. The JIT drops the rows and columns a tile does not have.
/// </summary>
internal static unsafe class DotTile
{
    /// <summary>Most rows of a tile.</summary>
    public const int Rows = 2;

    /// <summary>Most columns of a tile.</summary>
    public const int Columns = 8;

    /// <summary>Floats of the largest tile's vectors.</summary>
    public const int MaxSums = Rows * Columns * 16;

    /// <summary>output[i, j] += Σ over k of left[i, k] · right[j, k].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TVector, TSimd, TRows, TColumns>(DotOperands* operands)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TColumns : struct, ICount
    {
        TVector s00, s01, s02, s03, s04, s05, s06, s07;
        TVector s10, s11, s12, s13, s14, s15, s16, s17;
        s00 = s01 = s02 = s03 = s04 = s05 = s06 = s07 = default;
        s10 = s11 = s12 = s13 = s14 = s15 = s16 = s17 = default;
        float* left = operands->Left;
        float* right = operands->Right;
        nint leftStride = operands->LeftStride;
        nint stride = operands->RightStride;
        nint steps = operands->Steps;
        nint k = 0;
        for (; k <= steps - TSimd.Length; k += TSimd.Length)
        {
            TVector first = TSimd.Load(left + k);
            TVector second = TRows.Value > 1 ? TSimd.Load(left + k + leftStride) : default;
            float* row = right + k;
            Step<TVector, TSimd, TRows, TColumns>(0, row, first, second, ref s00, ref s10);
            Step<TVector, TSimd, TRows, TColumns>(1, row + (1 * stride), first, second, ref s01, ref s11);
            Step<TVector, TSimd, TRows, TColumns>(2, row + (2 * stride), first, second, ref s02, ref s12);
            Step<TVector, TSimd, TRows, TColumns>(3, row + (3 * stride), first, second, ref s03, ref s13);
            Step<TVector, TSimd, TRows, TColumns>(4, row + (4 * stride), first, second, ref s04, ref s14);
            Step<TVector, TSimd, TRows, TColumns>(5, row + (5 * stride), first, second, ref s05, ref s15);
            Step<TVector, TSimd, TRows, TColumns>(6, row + (6 * stride), first, second, ref s06, ref s16);
            Step<TVector, TSimd, TRows, TColumns>(7, row + (7 * stride), first, second, ref s07, ref s17);
        }

        // The sums go through memory: kept in registers, the calls that follow would push them out of the loop's too.
        float* sums = operands->Sums;
        Store<TVector, TSimd, TRows, TColumns>(0, sums, s00, s10);
        Store<TVector, TSimd, TRows, TColumns>(1, sums, s01, s11);
        Store<TVector, TSimd, TRows, TColumns>(2, sums, s02, s12);
        Store<TVector, TSimd, TRows, TColumns>(3, sums, s03, s13);
        Store<TVector, TSimd, TRows, TColumns>(4, sums, s04, s14);
        Store<TVector, TSimd, TRows, TColumns>(5, sums, s05, s15);
        Store<TVector, TSimd, TRows, TColumns>(6, sums, s06, s16);
        Store<TVector, TSimd, TRows, TColumns>(7, sums, s07, s17);
        Reduce<TVector, TSimd>(operands, k, TRows.Value, TColumns.Value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TVector, TSimd, TRows, TColumns>(int column, float* right, TVector first, TVector second, ref TVector s0, ref TVector s1)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TColumns : struct, ICount
    {
        if (column < TColumns.Value)
        {
            TVector value = TSimd.Load(right);
            s0 = TSimd.MultiplyAdd(first, value, s0);
            s1 = TRows.Value > 1 ? TSimd.MultiplyAdd(second, value, s1) : s1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVector, TSimd, TRows, TColumns>(int column, float* sums, TVector s0, TVector s1)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TColumns : struct, ICount
    {
        if (column < TColumns.Value)
        {
            TSimd.Store(s0, sums + (column * TSimd.Length));
            if (TRows.Value > 1)
            {
                TSimd.Store(s1, sums + ((TColumns.Value + column) * TSimd.Length));
            }
        }
    }

    /// <summary>Adds each vector of sums, and the products from <paramref name="from"/> on that filled no vector.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Reduce<TVector, TSimd>(DotOperands* operands, nint from, int rows, int columns)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        float* sums = operands->Sums;
        for (int i = 0; i < rows; i++)
        {
            float* left = operands->Left + (i * operands->LeftStride);
            for (int j = 0; j < columns; j++, sums += TSimd.Length)
            {
                float* right = operands->Right + (j * operands->RightStride);
                float sum = TSimd.Sum(TSimd.Load(sums));
                for (nint k = from; k < operands->Steps; k++)
                {
                    sum = float.MultiplyAddEstimate(left[k], right[k], sum);
                }

                operands->Output[(i * operands->OutputStride) + j] += sum;
            }
        }
    }
}

/// <summary>What a <see cref="DotTile"/> multiplies. Strides count floats.</summary>
internal unsafe struct DotOperands
{
    /// <summary>Rows of the left operand; each row is an output row.</summary>
    public float* Left;

    public nint LeftStride;

    /// <summary>Rows of the right operand; each row is an output column.</summary>
    public float* Right;

    public nint RightStride;
    public nint Steps;
    public float* Output;
    public nint OutputStride;

    /// <summary>Room for a tile of vectors.</summary>
    public float* Sums;
}
