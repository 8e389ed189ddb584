using System.Numerics;

namespace Differential.Core.Numerics;

/// <summary>
/// The shape of a network's penultimate features: how many directions they use, and their low-rank affine part, the
/// directions along which they hardly vary but may be large, which is what costs cross-entropy its margin in the
/// theorem of Nar et al. 2019.
/// </summary>
/// <param name="Raw">The singular values of the features [n, k].</param>
/// <param name="Centered">The same with the features' mean taken away.</param>
/// <param name="LargestDeviation">Largest standard deviation of the features along any direction.</param>
/// <param name="ConstantDirections">Orthonormal directions, [count][k], along which the features are nearly constant.</param>
/// <param name="Deltas">The mean feature along each of them, Δ.</param>
/// <param name="SumDeltaSquared">ΣΔ² over them: 0 where there are none.</param>
/// <param name="MeanSquared">‖mean feature‖², the most that ΣΔ² can be.</param>
public sealed record FeatureGeometry(
    Spectrum Raw,
    Spectrum Centered,
    double LargestDeviation,
    double[][] ConstantDirections,
    double[] Deltas,
    double SumDeltaSquared,
    double MeanSquared)
{
    /// <summary>The default tolerance of <see cref="Measure{T}"/>.</summary>
    public const double DefaultTolerance = 0.01;

    /// <summary>Measures features in double precision; O(n·k²) for the Gram matrices and O(k³) for their eigenvalues.</summary>
    /// <param name="features">[n, k], row after row, finite.</param>
    /// <param name="width">k, up to some hundreds.</param>
    /// <param name="tolerance">
    /// A principal direction counts as nearly constant where the features' standard deviation along it is at most this
    /// share of the largest one; all of them where the features are identical (the largest deviation is
    /// within 10⁻⁷ of the mean's norm, float32's rounding).
    /// </param>
    public static FeatureGeometry Measure<T>(ReadOnlySpan<T> features, int width, double tolerance = DefaultTolerance)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(tolerance);
        if (features.Length == 0 || features.Length % width != 0)
        {
            throw new ArgumentException($"{features.Length} values are not rows of {width}", nameof(features));
        }

        int count = features.Length / width;
        double[] mean = Mean(features, width);
        SymmetricEigen raw = SymmetricEigen.Decompose(Gram(features, new double[width]));
        SymmetricEigen centered = SymmetricEigen.Decompose(Gram(features, mean));
        double meanSquared = VectorMath.Dot(mean, mean);

        // Rounding of the mean and of the squares leaves this much where there is no variation at all.
        double largest = Deviation(centered.Values[0], count);
        bool identical = largest <= 1e-7 * Math.Sqrt(meanSquared);
        double[][] directions = [.. centered.Vectors.Where((_, i) => identical || Deviation(centered.Values[i], count) <= tolerance * largest)];
        double[] deltas = [.. directions.Select(direction => VectorMath.Dot(direction, mean))];
        return new FeatureGeometry(
            Spectrum.OfGram(raw.Values),
            identical ? Spectrum.OfGram(new double[width]) : Spectrum.OfGram(centered.Values),
            identical ? 0 : largest,
            directions,
            deltas,
            VectorMath.Dot(deltas, deltas),
            meanSquared);
    }

    private static double Deviation(double eigenvalue, int count) => Math.Sqrt(Math.Max(0, eigenvalue) / count);

    private static double[] Mean<T>(ReadOnlySpan<T> features, int width)
        where T : IFloatingPointIeee754<T>
    {
        double[] mean = new double[width];
        for (int i = 0; i < features.Length; i++)
        {
            mean[i % width] += double.CreateChecked(features[i]);
        }

        VectorMath.Scale(mean, (double)width / features.Length);
        return mean;
    }

    /// <summary>The lower triangle of Σ (f − origin)(f − origin)ᵀ.</summary>
    private static double[][] Gram<T>(ReadOnlySpan<T> features, double[] origin)
        where T : IFloatingPointIeee754<T>
    {
        int width = origin.Length;
        double[][] gram = [.. Enumerable.Range(0, width).Select(_ => new double[width])];
        double[] row = new double[width];
        for (int start = 0; start < features.Length; start += width)
        {
            for (int k = 0; k < width; k++)
            {
                row[k] = double.CreateChecked(features[start + k]) - origin[k];
            }

            for (int k = 0; k < width; k++)
            {
                VectorMath.AddScaled(gram[k].AsSpan(0, k + 1), row[k], row.AsSpan(0, k + 1));
            }
        }

        return gram;
    }
}
