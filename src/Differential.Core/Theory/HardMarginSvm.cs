using Differential.Core.Data;
using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>A separating hyperplane of largest margin and the certificate that it is one.</summary>
/// <param name="Separator">w and b, scaled so that the smallest y(w·x + b) is 1.</param>
/// <param name="Margin">The smallest distance of a point to the hyperplane.</param>
/// <param name="RelativeGap">
/// The duality gap as a share of the optimum of the problem that was solved: no hyperplane does better by more.
/// </param>
/// <param name="Multipliers">
/// Dual weight of each point, at least 0, of sum 1 over each class (over both classes with the bias regularised);
/// w is proportional to Σ yᵢ·multiplierᵢ·xᵢ.
/// </param>
/// <param name="Iterations">Steps of the active-set method.</param>
public sealed record SvmSolution(LinearSeparator Separator, double Margin, double RelativeGap, double[] Multipliers, int Iterations);

/// <summary>
/// Hard-margin support vector machines by the nearest points of convex hulls, for up to some thousands of points of
/// any dimension.
/// </summary>
public static class HardMarginSvm
{
    /// <summary>The minimum of ‖w‖ subject to y(w·x + b) ≥ 1: half the distance between the classes' convex hulls.</summary>
    /// <exception cref="NotSeparableException">The hulls meet, touching included.</exception>
    public static SvmSolution Solve(LabeledPoints points)
    {
        ArgumentNullException.ThrowIfNull(points);
        MinimumNormPoint nearest = Nearest(new DifferenceHull(points));
        double[] weights = nearest.Direction;
        double low = points.Positive.Min(point => VectorMath.Dot(weights, point));
        double high = points.Negative.Max(point => VectorMath.Dot(weights, point));
        double scale = 2 / (low - high);
        VectorMath.Scale(weights, scale);
        LinearSeparator separator = new(weights, -scale * (low + high) / 2);
        double[] positive = new double[points.Positive.Count];
        double[] negative = new double[points.Negative.Count];
        for (int k = 0; k < nearest.Members.Length; k++)
        {
            positive[nearest.Members[k].First] += nearest.Weights[k];
            negative[nearest.Members[k].Second] += nearest.Weights[k];
        }

        double[] multipliers = new double[points.Count];
        (int p, int n) = (0, 0);
        for (int i = 0; i < points.Count; i++)
        {
            multipliers[i] = points.Labels[i] > 0 ? positive[p++] : negative[n++];
        }

        return new SvmSolution(separator, separator.Margin(points), Gap(nearest), multipliers, nearest.Iterations);
    }

    /// <summary>
    /// The minimum of ‖w‖² + b² subject to y(w·x + b) ≥ 1, the direction to which gradient descent on the logistic
    /// loss with a bias converges: the hard-margin SVM through the origin of the points (x, 1).
    /// </summary>
    /// <returns>Its <see cref="SvmSolution.Margin"/> is cross-entropy's limit, the bias of its separator the theorem's B.</returns>
    /// <exception cref="NotSeparableException">No hyperplane separates the classes.</exception>
    public static SvmSolution SolveWithRegularizedBias(LabeledPoints points)
    {
        ArgumentNullException.ThrowIfNull(points);
        MinimumNormPoint nearest = Nearest(new LiftedHull(points));
        LinearSeparator unscaled = new(nearest.Direction[..^1], nearest.Direction[^1]);
        double scale = 1 / unscaled.SmallestScore(points);
        VectorMath.Scale(unscaled.Weights, scale);
        LinearSeparator separator = unscaled with { Bias = scale * unscaled.Bias };
        double[] multipliers = new double[points.Count];
        for (int k = 0; k < nearest.Members.Length; k++)
        {
            multipliers[nearest.Members[k].First] += nearest.Weights[k];
        }

        return new SvmSolution(separator, separator.Margin(points), Gap(nearest), multipliers, nearest.Iterations);
    }

    private static MinimumNormPoint Nearest(ConvexHull hull)
    {
        MinimumNormPoint nearest = MinimumNormPoint.Find(hull);
        return nearest.IsOutside ? nearest : throw new NotSeparableException();
    }

    private static double Gap(MinimumNormPoint nearest) => Math.Max(0, (nearest.Norm - nearest.LowerBound) / nearest.Norm);
}
