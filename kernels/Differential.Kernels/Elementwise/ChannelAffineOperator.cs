using Differential.Kernels.Simd;

namespace Differential.Kernels.Elementwise;

/// <summary>(x − mean) · scale for every device.</summary>
internal static class ChannelAffineOperator
{
    public static TVector Forward<TVector, TSimd>(TVector x, TVector mean, TVector scale)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Multiply(TSimd.Subtract(x, mean), scale);

    public static TVector Backward<TVector, TSimd>(TVector dy, TVector scale)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Multiply(dy, scale);
}
