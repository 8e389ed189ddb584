namespace Differential.Core.Training;

/// <summary>KL(p ‖ q) of what the scores p of a clean sample and q of an attacked one make of its class, with its derivatives; in float64.</summary>
internal abstract class ScoreDivergence
{
    /// <param name="scores">Of a sample: of one σ(s) is the positive class's share, of several it is their softmax.</param>
    public static ScoreDivergence Of(int scores) => scores == 1 ? new SigmoidDivergence() : new SoftmaxDivergence(scores);

    /// <summary>slopes[k] = q[k] − p[k], the derivative by the attacked scores.</summary>
    public abstract void ByAttacked(ReadOnlySpan<float> clean, ReadOnlySpan<float> attacked, Span<float> slopes);

    /// <summary>
    /// The divergence. Its derivatives times the weight are added to the slopes by the clean scores, and become those by the attacked ones.
    /// </summary>
    public abstract double Add(ReadOnlySpan<float> clean, ReadOnlySpan<float> attacked, double weight, Span<float> byClean, Span<float> byAttacked);
}
