using Differential.Core.Data;
using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>The linear model w·x + b; positive class where it is above 0.</summary>
/// <param name="Weights">w, [d].</param>
/// <param name="Bias">b.</param>
public sealed record LinearSeparator(double[] Weights, double Bias)
{
    /// <summary>w / ‖w‖; zero where w is zero.</summary>
    public double[] Direction()
    {
        double norm = VectorMath.Norm(Weights);
        return [.. Weights.Select(weight => norm > 0 ? weight / norm : 0)];
    }

    /// <summary>The threshold on the scores of the unit direction: −b / ‖w‖; 0 where w is zero.</summary>
    public double Threshold()
    {
        double norm = VectorMath.Norm(Weights);
        return norm > 0 ? -Bias / norm : 0;
    }

    /// <summary>The smallest y·(w·x + b).</summary>
    public double SmallestScore(LabeledPoints points)
    {
        ArgumentNullException.ThrowIfNull(points);
        double smallest = double.PositiveInfinity;
        for (int i = 0; i < points.Count; i++)
        {
            smallest = Math.Min(smallest, points.Labels[i] * (VectorMath.Dot(Weights, points.Points[i]) + Bias));
        }

        return smallest;
    }

    /// <summary>The smallest signed distance of a point to the boundary, min y(w·x + b) / ‖w‖; 0 where w is zero.</summary>
    public double Margin(LabeledPoints points)
    {
        double norm = VectorMath.Norm(Weights);
        return norm > 0 ? SmallestScore(points) / norm : 0;
    }
}
