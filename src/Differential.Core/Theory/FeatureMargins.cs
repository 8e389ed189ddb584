using Differential.Core.Data;
using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>
/// Whether the theorem of Nar et al. 2019 matters to a trained network of two classes: what its own features allow a last layer. Measured on samples that
/// the network decides correctly, so that a separating layer exists.
/// </summary>
/// <param name="Samples">Samples that were measured.</param>
/// <param name="Gamma">γ, the largest margin between these features: the support vector machine's.</param>
/// <param name="MeanShare">(mean · u)/γ, u the direction of that margin and the mean that of the two class means. The farther the features lie from the origin along u, the more a penalty on the bias costs.</param>
/// <param name="LimitShare">The share of γ that the minimum of ‖w‖² + b² has on these features, where cross-entropy's training of a last layer converges to; 1 where the theorem says nothing.</param>
/// <param name="TrainedShare">The share of γ that the trained last layer has, with its threshold.</param>
public sealed record FeatureMargins(int Samples, double Gamma, double MeanShare, double LimitShare, double TrainedShare)
{
    /// <summary>Features of so many samples are measured at most: the solver's time grows with them.</summary>
    public const int MostSamples = 2_000;

    /// <summary>Widest features that are measured.</summary>
    public const int MostFeatures = 512;

    /// <param name="features">[n][k], the penultimate features.</param>
    /// <param name="labels">[n], +1 or −1.</param>
    /// <param name="weights">[k], the last layer's.</param>
    /// <param name="bias">The last layer's, less the threshold.</param>
    /// <returns>Null where no sample of one of the classes is decided correctly, or rounding is all that keeps the classes apart.</returns>
    public static FeatureMargins? Measure(IReadOnlyList<float[]> features, IReadOnlyList<sbyte> labels, ReadOnlySpan<float> weights, double bias)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(labels);
        var layer = new LinearSeparator([.. weights.ToArray().Select(static weight => (double)weight)], bias);
        List<double[]> rows = [];
        List<sbyte> sides = [];

        // Spread evenly over the samples, which may be in the order of their classes.
        int most = Math.Min(features.Count, MostSamples);
        for (int k = 0; k < most; k++)
        {
            int i = (int)((long)k * features.Count / most);
            double[] row = [.. features[i].Select(static value => (double)value)];
            if (labels[i] * (VectorMath.Dot(layer.Weights, row) + bias) > 0)
            {
                rows.Add(row);
                sides.Add(labels[i]);
            }
        }

        if (!sides.Contains(1) || !sides.Contains(-1) || !rows.TrueForAll(static row => Array.TrueForAll(row, double.IsFinite)))
        {
            return null;
        }

        var points = new LabeledPoints([.. rows], [.. sides]);
        try
        {
            SvmSolution svm = HardMarginSvm.Solve(points);
            SvmSolution limit = HardMarginSvm.SolveWithRegularizedBias(points);
            double mean = (Mean(points.Positive, svm) + Mean(points.Negative, svm)) / 2;
            return new FeatureMargins(points.Count, svm.Margin, mean / svm.Margin, limit.Margin / svm.Margin, layer.Margin(points) / svm.Margin);
        }
        catch (NotSeparableException)
        {
            return null;
        }
    }

    private static double Mean(IReadOnlyList<double[]> points, SvmSolution svm)
    {
        double[] direction = svm.Separator.Direction();
        return points.Average(point => VectorMath.Dot(direction, point));
    }
}
