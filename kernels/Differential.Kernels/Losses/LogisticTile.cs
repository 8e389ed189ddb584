using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Losses;

/// <summary>
/// A tile of logistic pairs given as factors: for z = rows[i] · columns[j], the sum of log(1 + z) over the tile and
/// the sums of z / (1 + z) over each row and each column.
/// </summary>
/// <remarks>
/// No exponential and next to no logarithm per pair. The logarithms of many pairs are one logarithm of a product,
/// kept as p = Π(1 + z) − 1, p ← p·(1 + z) + z, in which no small z is lost; a logarithm is taken before p can leave
/// float's range. Four rows share a division: 1/(1 + zᵢ) is the others' product over the product of all four.
/// Sums are in float over at most 256 columns or 32 rows, in double beyond.
/// </remarks>
internal static unsafe class LogisticTile
{
    /// <summary>Most rows of a tile.</summary>
    internal const int MaxRows = 32;

    /// <summary>Most columns of a tile.</summary>
    internal const int MaxColumns = 256;

    /// <summary>Rows that share a division.</summary>
    private const int Rows = 4;

    /// <summary>Powers of two that p may grow by: float has 127, and a block of four rows is multiplied in at once.</summary>
    private const double ProductBits = 120;

    /// <param name="vectorBits">The device's vector width.</param>
    /// <param name="rows">[rowCount] factors.</param>
    /// <param name="rowScale">A power of two that every row factor is multiplied with.</param>
    /// <param name="rowCount">1 … <see cref="MaxRows"/>.</param>
    /// <param name="columns">[columnCount] factors.</param>
    /// <param name="columnCount">1 … <see cref="MaxColumns"/>.</param>
    /// <param name="bits">Upper bound of log₂(1 + z), at most 30.</param>
    /// <param name="rowSlopes">[rowCount], receives Σⱼ z/(1 + z).</param>
    /// <param name="columnSlopes">[columnCount rounded up to 16], receives Σᵢ z/(1 + z).</param>
    /// <returns>Σ log(1 + z).</returns>
    public static double Run(int vectorBits, float* rows, float rowScale, int rowCount, float* columns, int columnCount, double bits, double* rowSlopes, float* columnSlopes)
    {
        return vectorBits switch
        {
            512 => Run<Vector512<float>, Simd512>(rows, rowScale, rowCount, columns, columnCount, bits, rowSlopes, columnSlopes),
            256 => Run<Vector256<float>, Simd256>(rows, rowScale, rowCount, columns, columnCount, bits, rowSlopes, columnSlopes),
            128 => Run<Vector128<float>, Simd128>(rows, rowScale, rowCount, columns, columnCount, bits, rowSlopes, columnSlopes),
            _ => Run<float, SimdScalar>(rows, rowScale, rowCount, columns, columnCount, bits, rowSlopes, columnSlopes),
        };
    }

    private static double Run<TVector, TSimd>(float* rows, float rowScale, int rowCount, float* columns, int columnCount, double bits, double* rowSlopes, float* columnSlopes)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        // Factors of 0 fill up the last vector and the last four rows: they add log 1 and a slope of 0.
        float* padded = stackalloc float[MaxColumns];
        int width = (columnCount + 15) & ~15;
        Unsafe.CopyBlockUnaligned(padded, columns, (uint)(columnCount * sizeof(float)));
        Unsafe.InitBlockUnaligned(padded + columnCount, 0, (uint)((width - columnCount) * sizeof(float)));
        Unsafe.InitBlockUnaligned(columnSlopes, 0, (uint)(width * sizeof(float)));
        int segment = (int)Math.Clamp(ProductBits / (Rows * bits), 1, MaxColumns) * TSimd.Length;
        double loss = 0;
        float* four = stackalloc float[Rows];
        double* slopes = stackalloc double[Rows];
        for (int row = 0; row < rowCount; row += Rows)
        {
            for (int r = 0; r < Rows; r++)
            {
                four[r] = row + r < rowCount ? rows[row + r] * rowScale : 0;
            }

            loss += FourRows<TVector, TSimd>(four, padded, width, segment, slopes, columnSlopes);
            for (int r = 0; r < Rows && row + r < rowCount; r++)
            {
                rowSlopes[row + r] = slopes[r];
            }
        }

        return loss;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double FourRows<TVector, TSimd>(float* rows, float* columns, int width, int segment, double* rowSlopes, float* columnSlopes)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector one = TSimd.Broadcast(1);
        TVector a0 = TSimd.Broadcast(rows[0]);
        TVector a1 = TSimd.Broadcast(rows[1]);
        TVector a2 = TSimd.Broadcast(rows[2]);
        TVector a3 = TSimd.Broadcast(rows[3]);
        TVector s0 = TSimd.Broadcast(0);
        TVector s1 = s0;
        TVector s2 = s0;
        TVector s3 = s0;
        TVector logs = s0;
        for (int start = 0; start < width; start += segment)
        {
            TVector p = TSimd.Broadcast(0);
            int end = Math.Min(start + segment, width);
            for (int j = start; j < end; j += TSimd.Length)
            {
                TVector b = TSimd.Load(columns + j);
                TVector z0 = TSimd.Multiply(a0, b);
                TVector z1 = TSimd.Multiply(a1, b);
                TVector z2 = TSimd.Multiply(a2, b);
                TVector z3 = TSimd.Multiply(a3, b);
                TVector y0 = TSimd.Add(z0, one);
                TVector y1 = TSimd.Add(z1, one);
                TVector y2 = TSimd.Add(z2, one);
                TVector y3 = TSimd.Add(z3, one);
                TVector p01 = TSimd.MultiplyAdd(z0, y1, z1);
                TVector p23 = TSimd.MultiplyAdd(z2, y3, z3);
                TVector y01 = TSimd.Add(p01, one);
                TVector y23 = TSimd.Add(p23, one);
                TVector all = TSimd.MultiplyAdd(p01, y23, p23);
                TVector product = TSimd.Add(all, one);
                p = TSimd.MultiplyAdd(p, product, all);
                TVector inverse = TSimd.Divide(one, product);
                TVector inverse01 = TSimd.Multiply(inverse, y23);
                TVector inverse23 = TSimd.Multiply(inverse, y01);
                TVector g0 = TSimd.Multiply(z0, TSimd.Multiply(inverse01, y1));
                TVector g1 = TSimd.Multiply(z1, TSimd.Multiply(inverse01, y0));
                TVector g2 = TSimd.Multiply(z2, TSimd.Multiply(inverse23, y3));
                TVector g3 = TSimd.Multiply(z3, TSimd.Multiply(inverse23, y2));
                s0 = TSimd.Add(s0, g0);
                s1 = TSimd.Add(s1, g1);
                s2 = TSimd.Add(s2, g2);
                s3 = TSimd.Add(s3, g3);
                TVector column = TSimd.Add(TSimd.Add(g0, g1), TSimd.Add(g2, g3));
                TSimd.Store(TSimd.Add(TSimd.Load(columnSlopes + j), column), columnSlopes + j);
            }

            logs = TSimd.Add(logs, LogOnePlus<TVector, TSimd>(p, one));
        }

        rowSlopes[0] = TSimd.SumDouble(s0);
        rowSlopes[1] = TSimd.SumDouble(s1);
        rowSlopes[2] = TSimd.SumDouble(s2);
        rowSlopes[3] = TSimd.SumDouble(s3);
        return TSimd.SumDouble(logs);
    }

    /// <summary>As <see cref="SurrogateOperator.LogOnePlus"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector LogOnePlus<TVector, TSimd>(TVector x, TVector one)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector y = TSimd.Add(x, one);
        TVector dropped = TSimd.Subtract(x, TSimd.Subtract(y, one));
        return TSimd.Add(TSimd.Log(y), TSimd.Divide(dropped, y));
    }
}
