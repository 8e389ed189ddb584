using Differential.Core.Data;
using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>
/// The directions along which all points agree: the orthogonal complement of the span of their differences. With
/// orthonormal directions rₖ of it and ⟨rₖ, x⟩ = Δₖ the same for all points, only Σ Δₖ·rₖ matters to the theorem.
/// </summary>
/// <param name="Count">Number of such orthonormal directions: d less the dimension of the points' affine hull.</param>
/// <param name="Shift">Σ Δₖ·rₖ, [d]: the point of the points' affine hull that is nearest to the origin.</param>
/// <param name="SumDeltaSquared">Σ Δₖ² = ‖<paramref name="Shift"/>‖².</param>
/// <param name="Coordinates">The coordinates that are constant by themselves (to the tolerance), ascending.</param>
public sealed record ConstantSubspace(int Count, double[] Shift, double SumDeltaSquared, int[] Coordinates)
{
    /// <summary>
    /// Finds the directions by Gram and Schmidt's process on the differences to the first point, the longest rest
    /// first. A direction counts as constant where the points differ along it by no more than
    /// <paramref name="tolerance"/> times their largest distance from the first one; the default is above the
    /// rounding of float32 data and far below anything that a margin could be made of.
    /// </summary>
    /// <param name="points">The points of both classes.</param>
    /// <param name="tolerance">Share of the points' spread, in (0, 1).</param>
    public static ConstantSubspace Find(LabeledPoints points, double tolerance = 1e-6)
    {
        ArgumentNullException.ThrowIfNull(points);
        double[] origin = points.Points[0];
        double[][] rests = [.. points.Points.Skip(1).Select(point => VectorMath.Difference(point, origin))];
        double size = points.Points.Max(point => VectorMath.Norm(point));
        double limit = Math.Max(tolerance * rests.Max(rest => VectorMath.Norm(rest)), 1e-14 * size);
        int[] coordinates = [.. Enumerable.Range(0, points.Dimension).Where(k => rests.Max(rest => Math.Abs(rest[k])) <= limit)];

        List<double[]> basis = [];
        while (basis.Count < points.Dimension)
        {
            double[] longest = rests.MaxBy(rest => VectorMath.Dot(rest, rest))!;
            if (VectorMath.Norm(longest) <= limit)
            {
                break;
            }

            double[] direction = [.. longest];
            RemoveProjections(direction, basis);
            VectorMath.Scale(direction, 1 / VectorMath.Norm(direction));
            basis.Add(direction);
            foreach (double[] rest in rests)
            {
                VectorMath.AddScaled(rest, -VectorMath.Dot(direction, rest), direction);
            }
        }

        double[] shift = points.Mean();
        if (basis.Count == points.Dimension)
        {
            return new ConstantSubspace(0, new double[points.Dimension], 0, coordinates);
        }

        RemoveProjections(shift, basis);
        RemoveProjections(shift, basis);
        return new ConstantSubspace(points.Dimension - basis.Count, shift, VectorMath.Dot(shift, shift), coordinates);
    }

    private static void RemoveProjections(double[] vector, List<double[]> basis)
    {
        foreach (double[] direction in basis)
        {
            VectorMath.AddScaled(vector, -VectorMath.Dot(direction, vector), direction);
        }
    }
}
