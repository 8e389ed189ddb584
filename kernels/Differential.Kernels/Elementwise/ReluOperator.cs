using Differential.Kernels.Simd;

namespace Differential.Kernels.Elementwise;

/// <summary>max(x, 0) and its gradient for every device.</summary>
internal static class ReluOperator
{
    /// <summary>max(x, 0); NaN stays NaN.</summary>
    public static TVector Forward<TVector, TSimd>(TVector x)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.AtLeast(TSimd.Broadcast(0), x);

    /// <summary>dy where y &gt; 0, else 0.</summary>
    public static TVector Backward<TVector, TSimd>(TVector y, TVector dy)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.WherePositive(y, dy);
}
