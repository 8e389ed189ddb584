namespace Differential.Core.Training;

/// <summary>KL(p ‖ q) of the softmax p of a clean sample's scores and q of an attacked one's, with its derivatives; in double precision.</summary>
/// <param name="count">Scores of a sample.</param>
internal sealed class SoftmaxDivergence(int count) : ScoreDivergence
{
    private readonly double[] _clean = new double[count];
    private readonly double[] _attacked = new double[count];

    public override void ByAttacked(ReadOnlySpan<float> clean, ReadOnlySpan<float> attacked, Span<float> slopes)
    {
        LogSoftmax(clean, _clean);
        LogSoftmax(attacked, _attacked);
        for (int k = 0; k < count; k++)
        {
            slopes[k] = (float)(Math.Exp(_attacked[k]) - Math.Exp(_clean[k]));
        }
    }

    /// <inheritdoc/>
    /// <remarks>By the clean scores: p[k]·(log p[k] − log q[k] − KL).</remarks>
    public override double Add(ReadOnlySpan<float> clean, ReadOnlySpan<float> attacked, double weight, Span<float> byClean, Span<float> byAttacked)
    {
        LogSoftmax(clean, _clean);
        LogSoftmax(attacked, _attacked);
        double divergence = 0;
        for (int k = 0; k < count; k++)
        {
            divergence += Math.Exp(_clean[k]) * (_clean[k] - _attacked[k]);
        }

        for (int k = 0; k < count; k++)
        {
            double p = Math.Exp(_clean[k]);
            byClean[k] += (float)(weight * p * (_clean[k] - _attacked[k] - divergence));
            byAttacked[k] = (float)(weight * (Math.Exp(_attacked[k]) - p));
        }

        return divergence;
    }

    private static void LogSoftmax(ReadOnlySpan<float> scores, double[] logs)
    {
        double largest = double.NegativeInfinity;
        foreach (float score in scores)
        {
            largest = Math.Max(largest, score);
        }

        double sum = 0;
        foreach (float score in scores)
        {
            sum += Math.Exp(score - largest);
        }

        for (int k = 0; k < logs.Length; k++)
        {
            logs[k] = scores[k] - largest - Math.Log(sum);
        }
    }
}
