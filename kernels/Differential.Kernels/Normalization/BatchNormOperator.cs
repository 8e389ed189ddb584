using Differential.Kernels.Simd;

namespace Differential.Kernels.Normalization;

/// <summary>The arithmetic of batch normalisation, of elements and of channels, for every device.</summary>
internal static class BatchNormOperator
{
    /// <summary>(x − mean) · (inverse · weight) + bias, at least floor; NaN stays NaN.</summary>
    public static TVector Normalize<TVector, TSimd>(TVector x, TVector mean, TVector inverse, TVector weight, TVector bias, TVector floor)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> =>
        TSimd.AtLeast(floor, TSimd.Add(TSimd.Multiply(TSimd.Subtract(x, mean), TSimd.Multiply(inverse, weight)), bias));

    /// <summary>inverse · weight · (dy − Σdy·share − (x − mean)·inverse²·Σdy(x − mean)·share).</summary>
    public static TVector BackwardInput<TVector, TSimd>(
        TVector x, TVector dy, TVector mean, TVector inverse, TVector weight, TVector sum, TVector product, TVector share)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        TVector slope = TSimd.Multiply(TSimd.Multiply(inverse, inverse), TSimd.Multiply(product, share));
        TVector centered = TSimd.Subtract(TSimd.Subtract(dy, TSimd.Multiply(sum, share)), TSimd.Multiply(TSimd.Subtract(x, mean), slope));
        return TSimd.Multiply(TSimd.Multiply(inverse, weight), centered);
    }

    /// <summary>1 / √(variance + ε).</summary>
    public static float Inverse(float variance, float epsilon) => 1f / MathF.Sqrt(variance + epsilon);

    /// <summary>The biased variance from the means of the differences from a number near the mean, and of their squares.</summary>
    public static float Variance(float difference, float square) => MathF.Max(square - (difference * difference), 0);

    /// <summary>A running statistic after a pass.</summary>
    public static float Moved(float running, float value, float momentum) => ((1 - momentum) * running) + (momentum * value);

    /// <summary>The factor from the biased to the unbiased variance; of one row 1.</summary>
    public static float Unbiased(int rows) => rows > 1 ? rows / (rows - 1f) : 1;
}
