namespace Differential.Core.Training;

/// <summary>KL(σ(s) ‖ σ(t)) of a clean score s and an attacked one t.</summary>
internal sealed class SigmoidDivergence : ScoreDivergence
{
    public override void ByAttacked(ReadOnlySpan<float> clean, ReadOnlySpan<float> attacked, Span<float> slopes) =>
        slopes[0] = (float)(Sigmoid(attacked[0]) - Sigmoid(clean[0]));

    public override double Add(ReadOnlySpan<float> clean, ReadOnlySpan<float> attacked, double weight, Span<float> byClean, Span<float> byAttacked)
    {
        (double divergence, double slopeByClean, double slopeByAttacked) = Of(clean[0], attacked[0]);
        byClean[0] += (float)(weight * slopeByClean);
        byAttacked[0] = (float)(weight * slopeByAttacked);
        return divergence;
    }

    /// <summary>The divergence and its derivatives by s, p(1 − p)(s − t), and by t, q − p.</summary>
    internal static (double Value, double ByClean, double ByAttacked) Of(double s, double t)
    {
        (double p, double q) = (Sigmoid(s), Sigmoid(t));
        double value = (p * (Softplus(-t) - Softplus(-s))) + ((1 - p) * (Softplus(t) - Softplus(s)));
        return (value, p * (1 - p) * (s - t), q - p);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
