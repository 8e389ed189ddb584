using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>
/// The point of smallest norm of a convex hull by Wolfe's active-set algorithm (P. Wolfe, 'Finding the nearest point
/// in a polytope', Mathematical Programming 11, 1976): finite, and exact up to rounding.
/// </summary>
/// <param name="Direction">The unit vector towards the point.</param>
/// <param name="Norm">The point's norm, an upper bound of the distance between the origin and the hull.</param>
/// <param name="LowerBound">A lower bound of that distance, from the supporting hyperplane across <paramref name="Direction"/>; at most 0 where the origin lies in the hull.</param>
/// <param name="Members">The vertices that carry the point.</param>
/// <param name="Weights">Their convex weights.</param>
/// <param name="Iterations">Vertices added.</param>
internal sealed record MinimumNormPoint(double[] Direction, double Norm, double LowerBound, Vertex[] Members, double[] Weights, int Iterations)
{
    // Below this share of the largest vertex the norm is rounding: the origin counts as a point of the hull.
    private const double ZeroShare = 1e-12;
    private const double GapShare = 1e-12;
    private const int Patience = 100;

    /// <summary>Whether the origin lies outside of the hull, by more than rounding.</summary>
    public bool IsOutside => LowerBound > 0;

    public static MinimumNormPoint Find(ConvexHull hull)
    {
        double radius = hull.Radius();
        Corral corral = new(hull.Dimension, radius > 0 ? radius : 1);
        double[] point = new double[hull.Dimension];
        double[] direction = new double[hull.Dimension];
        Vertex first = hull.Lowest(point, out _);
        hull.Copy(first, point);
        corral.TryAdd(first, [.. point]);
        MinimumNormPoint? best = null;
        int limit = 1000 + (50 * (hull.PointCount + hull.Dimension));
        int idle = 0;
        double lowestNorm = double.PositiveInfinity;
        for (int iteration = 1; iteration <= limit && idle < Patience; iteration++)
        {
            corral.Combine(point);
            double norm = VectorMath.Norm(point);
            if (norm <= ZeroShare * radius)
            {
                return new MinimumNormPoint(direction, norm, 0, [.. corral.Members], [.. corral.Weights], iteration);
            }

            corral.Normal(direction);
            Vertex next = hull.Lowest(direction, out double lower);
            bool closer = best is null || norm - lower < best.Norm - best.LowerBound;
            if (closer)
            {
                best = new MinimumNormPoint([.. direction], norm, lower, [.. corral.Members], [.. corral.Weights], iteration);
            }

            idle = closer || norm < lowestNorm ? 0 : idle + 1;
            lowestNorm = Math.Min(lowestNorm, norm);
            if (norm - lower <= GapShare * norm || corral.Members.Contains(next))
            {
                break;
            }

            double[] coordinates = new double[hull.Dimension];
            hull.Copy(next, coordinates);
            if (!corral.TryAdd(next, coordinates))
            {
                break;
            }

            corral.Descend();
        }

        return best!.LowerBound > ZeroShare * radius ? best : best with { LowerBound = Math.Min(best.LowerBound, 0) };
    }
}
