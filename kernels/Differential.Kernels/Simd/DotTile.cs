using System.Runtime.CompilerServices;

namespace Differential.Kernels.Simd;

/// <summary>
/// Products of rows with rows: a tile of up to 4 × 4 dot products whose vectors run along the reduction, so that
/// neither operand has to be transposed. The JIT drops the rows and columns a tile does not have.
/// </summary>
internal static unsafe class DotTile
{
    /// <summary>Most columns of a tile.</summary>
    public const int Columns = 4;

    /// <summary>Floats of the largest tile's vectors.</summary>
    public const int MaxSums = 4 * Columns * 16;

    /// <summary>output[i, j] += Σ over k of left[i, k] · right[j, k].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TVector, TSimd, TRows, TColumns>(DotOperands* operands)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TColumns : struct, ICount
    {
        TVector s00, s01, s02, s03;
        TVector s10, s11, s12, s13;
        TVector s20, s21, s22, s23;
        TVector s30, s31, s32, s33;
        s00 = s01 = s02 = s03 = default;
        s10 = s11 = s12 = s13 = default;
        s20 = s21 = s22 = s23 = default;
        s30 = s31 = s32 = s33 = default;
        float* left = operands->Left;
        float* right = operands->Right;
        nint leftStride = operands->LeftStride;
        nint rightStride = operands->RightStride;
        nint steps = operands->Steps;
        nint k = 0;
        for (; k <= steps - TSimd.Length; k += TSimd.Length)
        {
            TVector r0 = TSimd.Load(right + k);
            TVector r1 = TColumns.Value > 1 ? TSimd.Load(right + k + (1 * rightStride)) : default;
            TVector r2 = TColumns.Value > 2 ? TSimd.Load(right + k + (2 * rightStride)) : default;
            TVector r3 = TColumns.Value > 3 ? TSimd.Load(right + k + (3 * rightStride)) : default;
            Step<TVector, TSimd, TRows, TColumns>(0, left + k, leftStride, r0, r1, r2, r3, ref s00, ref s01, ref s02, ref s03);
            Step<TVector, TSimd, TRows, TColumns>(1, left + k, leftStride, r0, r1, r2, r3, ref s10, ref s11, ref s12, ref s13);
            Step<TVector, TSimd, TRows, TColumns>(2, left + k, leftStride, r0, r1, r2, r3, ref s20, ref s21, ref s22, ref s23);
            Step<TVector, TSimd, TRows, TColumns>(3, left + k, leftStride, r0, r1, r2, r3, ref s30, ref s31, ref s32, ref s33);
        }

        // The sums go through memory: kept in registers, the calls that follow would push them out of the loop's too.
        float* sums = operands->Sums;
        Store<TVector, TSimd, TRows, TColumns>(0, sums, s00, s01, s02, s03);
        Store<TVector, TSimd, TRows, TColumns>(1, sums, s10, s11, s12, s13);
        Store<TVector, TSimd, TRows, TColumns>(2, sums, s20, s21, s22, s23);
        Store<TVector, TSimd, TRows, TColumns>(3, sums, s30, s31, s32, s33);
        Reduce<TVector, TSimd>(operands, k, TRows.Value, TColumns.Value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TVector, TSimd, TRows, TColumns>(
        int row, float* left, nint stride, TVector r0, TVector r1, TVector r2, TVector r3, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TColumns : struct, ICount
    {
        if (row < TRows.Value)
        {
            TVector value = TSimd.Load(left + (row * stride));
            s0 = TSimd.MultiplyAdd(value, r0, s0);
            s1 = TColumns.Value > 1 ? TSimd.MultiplyAdd(value, r1, s1) : s1;
            s2 = TColumns.Value > 2 ? TSimd.MultiplyAdd(value, r2, s2) : s2;
            s3 = TColumns.Value > 3 ? TSimd.MultiplyAdd(value, r3, s3) : s3;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVector, TSimd, TRows, TColumns>(int row, float* sums, TVector s0, TVector s1, TVector s2, TVector s3)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
        where TRows : struct, ICount
        where TColumns : struct, ICount
    {
        if (row < TRows.Value)
        {
            float* line = sums + (row * TColumns.Value * TSimd.Length);
            TSimd.Store(s0, line);
            if (TColumns.Value > 1)
            {
                TSimd.Store(s1, line + TSimd.Length);
            }

            if (TColumns.Value > 2)
            {
                TSimd.Store(s2, line + (2 * TSimd.Length));
            }

            if (TColumns.Value > 3)
            {
                TSimd.Store(s3, line + (3 * TSimd.Length));
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
