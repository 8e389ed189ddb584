using Differential.Core.Data;
using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>A vertex: the difference of a point of the one set and a point of the other, or one signed point.</summary>
/// <param name="First">Index in the first set.</param>
/// <param name="Second">Index in the second set; −1 where there is none.</param>
internal readonly record struct Vertex(int First, int Second);

/// <summary>The convex hull of finitely many vertices that are known through the lowest one in a direction.</summary>
internal abstract class ConvexHull
{
    public abstract int Dimension { get; }

    /// <summary>Number of points that the vertices are made of.</summary>
    public abstract int PointCount { get; }

    /// <summary>The vertex with the smallest ⟨direction, vertex⟩, the first of several.</summary>
    public abstract Vertex Lowest(ReadOnlySpan<double> direction, out double value);

    public abstract void Copy(Vertex vertex, Span<double> target);

    /// <summary>An upper bound, within a factor of 2, of the norm of every vertex.</summary>
    public abstract double Radius();

    protected static int Lowest(IReadOnlyList<double[]> rows, double sign, ReadOnlySpan<double> direction, out double value)
    {
        value = double.PositiveInfinity;
        int lowest = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            double score = sign * VectorMath.Dot(direction, rows[i]);
            if (score < value)
            {
                (value, lowest) = (score, i);
            }
        }

        return lowest;
    }
}

/// <summary>All differences positive − negative: the distance to the origin is that between the two classes' hulls.</summary>
internal sealed class DifferenceHull(LabeledPoints points) : ConvexHull
{
    public override int Dimension => points.Dimension;

    public override int PointCount => points.Count;

    public override Vertex Lowest(ReadOnlySpan<double> direction, out double value)
    {
        int first = Lowest(points.Positive, 1, direction, out double low);
        int second = Lowest(points.Negative, -1, direction, out double high);
        value = low + high;
        return new Vertex(first, second);
    }

    public override void Copy(Vertex vertex, Span<double> target)
    {
        points.Positive[vertex.First].CopyTo(target);
        VectorMath.AddScaled(target, -1, points.Negative[vertex.Second]);
    }

    public override double Radius()
    {
        double[] origin = points.Negative[0];
        double positive = points.Positive.Max(point => VectorMath.Norm(VectorMath.Difference(point, origin)));
        double negative = points.Negative.Max(point => VectorMath.Norm(VectorMath.Difference(point, origin)));
        return positive + negative;
    }
}

/// <summary>The signed points y·(x, 1): hyperplanes through the origin of the space with one more coordinate.</summary>
internal sealed class LiftedHull : ConvexHull
{
    private readonly double[][] _rows;

    public LiftedHull(LabeledPoints points)
    {
        _rows = [.. points.Points.Select((point, i) => Lift(point, points.Labels[i]))];
        Dimension = points.Dimension + 1;
    }

    public override int Dimension { get; }

    public override int PointCount => _rows.Length;

    public override Vertex Lowest(ReadOnlySpan<double> direction, out double value) => new(Lowest(_rows, 1, direction, out value), -1);

    public override void Copy(Vertex vertex, Span<double> target) => _rows[vertex.First].CopyTo(target);

    public override double Radius() => _rows.Max(row => VectorMath.Norm(row));

    /// <summary>label·(point, 1).</summary>
    public static double[] Lift(double[] point, sbyte label)
    {
        double[] row = [.. point, 1];
        VectorMath.Scale(row, label);
        return row;
    }
}
