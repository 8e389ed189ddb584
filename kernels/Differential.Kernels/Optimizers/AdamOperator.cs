using Differential.Kernels.Simd;

namespace Differential.Kernels.Optimizers;

/// <summary>One parameter's step of <see cref="AdamUpdate"/>, for every device.</summary>
internal static class AdamOperator
{
    /// <summary>The constants of a step: w ← w − rate·m / (√v · varianceScale + ε).</summary>
    internal readonly record struct Constants(float Rate, float Beta1, float Beta2, float Epsilon, float WeightDecay, float VarianceScale);

    public static TVector Step<TVector, TSimd>(TVector w, TVector g, ref TVector mean, ref TVector variance, Constants c)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        g = TSimd.Add(g, TSimd.Multiply(TSimd.Broadcast(c.WeightDecay), w));
        mean = TSimd.Add(TSimd.Multiply(TSimd.Broadcast(c.Beta1), mean), TSimd.Multiply(TSimd.Broadcast(1 - c.Beta1), g));
        variance = TSimd.Add(
            TSimd.Multiply(TSimd.Broadcast(c.Beta2), variance),
            TSimd.Multiply(TSimd.Multiply(TSimd.Broadcast(1 - c.Beta2), g), g));
        TVector scale = TSimd.Add(TSimd.Multiply(TSimd.Sqrt(variance), TSimd.Broadcast(c.VarianceScale)), TSimd.Broadcast(c.Epsilon));
        return TSimd.Subtract(w, TSimd.Divide(TSimd.Multiply(TSimd.Broadcast(c.Rate), mean), scale));
    }
}
