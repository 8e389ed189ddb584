namespace Differential.Core.Theory;

/// <summary>
/// The theorem of Nar et al. 2019 (arXiv 1901.08360): the margin of cross-entropy's limit is at most
/// 1 / √(1/γ² + B²·ΣΔ²), where γ is the largest margin, B the bias of the minimum of ‖w‖² + b² subject to
/// y(w·x + b) ≥ 1, and Δ are the points' constant coordinates. What is missing to γ is what the weights along the
/// constant directions cost, which do nothing for the classes.
/// </summary>
public static class BoundaryBound
{
    /// <summary>The bound, or null where the points agree along no direction.</summary>
    /// <param name="svmMargin">γ &gt; 0.</param>
    /// <param name="bias">B.</param>
    /// <param name="constant">The points' constant directions.</param>
    public static double? Of(double svmMargin, double bias, ConstantSubspace constant)
    {
        ArgumentNullException.ThrowIfNull(constant);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(svmMargin);
        return constant.Count == 0
            ? null
            : 1 / Math.Sqrt((1 / (svmMargin * svmMargin)) + (bias * bias * constant.SumDeltaSquared));
    }
}
