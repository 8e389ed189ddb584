using Differential.Kernels.Simd;

namespace Differential.Kernels.Optimizers;

/// <summary>One parameter's step of <see cref="SgdUpdate"/>, for every device.</summary>
internal static class SgdOperator
{
    /// <summary>Without momentum: w − η·(g + λw).</summary>
    public static TVector Plain<TVector, TSimd>(TVector w, TVector g, TVector learningRate, TVector weightDecay)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> =>
        TSimd.Subtract(w, TSimd.Multiply(learningRate, Decayed<TVector, TSimd>(w, g, weightDecay)));

    /// <summary>v ← μv + g + λw; w − η·v, with Nesterov w − η·(g + λw + μv).</summary>
    public static TVector Momentum<TVector, TSimd>(TVector w, TVector g, ref TVector v, TVector learningRate, TVector momentum, bool nesterov, TVector weightDecay)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        g = Decayed<TVector, TSimd>(w, g, weightDecay);
        v = TSimd.Add(TSimd.Multiply(momentum, v), g);
        TVector direction = nesterov ? TSimd.Add(g, TSimd.Multiply(momentum, v)) : v;
        return TSimd.Subtract(w, TSimd.Multiply(learningRate, direction));
    }

    private static TVector Decayed<TVector, TSimd>(TVector w, TVector g, TVector weightDecay)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Add(g, TSimd.Multiply(weightDecay, w));
}
