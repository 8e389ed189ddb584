using Differential.Core.Data;
using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>The learning rates of a theory experiment.</summary>
/// <param name="Differential">The differential loss, normalised gradient.</param>
/// <param name="DifferentialDescent">The differential loss, gradient descent.</param>
/// <param name="CrossEntropy">Cross-entropy, normalised gradient.</param>
/// <param name="CrossEntropyDescent">Cross-entropy, gradient descent.</param>
public sealed record LearningRates(double Differential, double DifferentialDescent, double CrossEntropy, double CrossEntropyDescent)
{
    // On the reference data (center 3, offset 0.15) these give the rates of the reference table to within 20 %.
    private const double NormalizedFactor = 2;
    private const double DescentFactor = 20;

    /// <summary>
    /// Rates that follow the scale of the points, so that points multiplied by c train alike: 2 (normalised) or 20
    /// (gradient descent) over the mean squared norm of what the loss is given: the points less their mean for the
    /// differential loss, (x, 1) for cross-entropy.
    /// </summary>
    public static LearningRates For(LabeledPoints points)
    {
        ArgumentNullException.ThrowIfNull(points);
        double[] mean = points.Mean();
        double lifted = 1 + points.Points.Average(point => VectorMath.Dot(point, point));
        double centered = points.Points.Average(point =>
        {
            double[] difference = VectorMath.Difference(point, mean);
            return VectorMath.Dot(difference, difference);
        });

        // Identical points: any rate will do, for nothing moves.
        centered = centered > 0 ? centered : 1;
        return new LearningRates(NormalizedFactor / centered, DescentFactor / centered, NormalizedFactor / lifted, DescentFactor / lifted);
    }
}
