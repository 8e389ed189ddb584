namespace Differential.Core.Certificates;

/// <summary>What a certificate leaves for rounding: devices compute scores in float32, bounds speak of exact arithmetic.</summary>
internal static class ScoreRounding
{
    /// <summary>Beyond what the float32 sums of a network's layers lose on scores of a size.</summary>
    public static double Of(double score, double threshold) => 1e-5 * (0.1 + Math.Abs(score) + Math.Abs(threshold));
}
