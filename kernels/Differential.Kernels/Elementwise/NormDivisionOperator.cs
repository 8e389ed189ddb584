using Differential.Kernels.Simd;

namespace Differential.Kernels.Elementwise;

/// <summary>Division by a norm and its gradient for every device.</summary>
internal static class NormDivisionOperator
{
    /// <summary>1 / σ, or 0 for σ = 0: a layer without weights stays one.</summary>
    public static float Inverse(float sigma) => sigma == 0 ? 0 : 1 / sigma;

    public static TVector Forward<TVector, TSimd>(TVector x, TVector inverse)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Multiply(x, inverse);

    public static TVector Backward<TVector, TSimd>(TVector dy, TVector dot, TVector dSigma, TVector inverse)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Multiply(TSimd.Subtract(dy, TSimd.Multiply(dot, dSigma)), inverse);
}
