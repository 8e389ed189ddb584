using Differential.Kernels.Simd;

namespace Differential.Kernels.Optimizers;

/// <summary>One parameter's step of <see cref="NormalizedGradientUpdate"/>, for every device.</summary>
internal static class NormalizedGradientOperator
{
    /// <summary>d = g / loss; v ← c·(v + d); w − η·(v + d), with the new v.</summary>
    public static TVector Step<TVector, TSimd>(TVector w, TVector g, ref TVector v, TVector loss, TVector learningRate, TVector carry)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector d = TSimd.Divide(g, loss);
        v = TSimd.Multiply(carry, TSimd.Add(v, d));
        return TSimd.Subtract(w, TSimd.Multiply(learningRate, TSimd.Add(v, d)));
    }
}
