using Differential.Kernels.Simd;

namespace Differential.Kernels.Rows;

/// <summary>One element's part of the operations of <see cref="RowArithmetic"/>, for every device.</summary>
internal static class RowOperator
{
    /// <summary>min(max(x, low), high); NaN stays NaN.</summary>
    public static TVector Clip<TVector, TSimd>(TVector x, TVector low, TVector high)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.AtMost(high, TSimd.AtLeast(low, x));

    /// <summary>a·x + b·y.</summary>
    public static TVector Combine<TVector, TSimd>(TVector a, TVector x, TVector b, TVector y)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Add(TSimd.Multiply(a, x), TSimd.Multiply(b, y));
}
