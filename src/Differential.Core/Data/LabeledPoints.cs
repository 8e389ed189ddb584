using Differential.Core.Numerics;

namespace Differential.Core.Data;

/// <summary>Points of two classes in double precision, as the linear theory takes them.</summary>
public sealed class LabeledPoints
{
    /// <param name="points">[n][d], finite; kept, not copied.</param>
    /// <param name="labels">[n], +1 or −1, each at least once.</param>
    /// <exception cref="ArgumentException">Lengths differ, a value is not finite, a label is neither +1 nor −1, or one class is missing.</exception>
    public LabeledPoints(double[][] points, sbyte[] labels)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(labels);
        if (points.Length != labels.Length)
        {
            throw new ArgumentException($"{points.Length} points and {labels.Length} labels", nameof(labels));
        }

        if (!labels.Contains((sbyte)1) || !labels.Contains((sbyte)-1) || labels.Any(label => label is not (1 or -1)))
        {
            throw new ArgumentException("labels must be +1 or -1, each at least once", nameof(labels));
        }

        Dimension = points[0].Length;
        foreach (double[] point in points)
        {
            if (point.Length != Dimension || Dimension == 0 || !point.All(double.IsFinite))
            {
                throw new ArgumentException("points must be of one dimension, at least 1, and finite", nameof(points));
            }
        }

        Points = points;
        Labels = labels;
        Positive = [.. points.Where((_, i) => labels[i] > 0)];
        Negative = [.. points.Where((_, i) => labels[i] < 0)];
    }

    /// <summary>[n][d].</summary>
    public IReadOnlyList<double[]> Points { get; }

    /// <summary>[n], +1 or −1.</summary>
    public IReadOnlyList<sbyte> Labels { get; }

    /// <summary>The points of label +1, in their order.</summary>
    public IReadOnlyList<double[]> Positive { get; }

    /// <summary>The points of label −1, in their order.</summary>
    public IReadOnlyList<double[]> Negative { get; }

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>n.</summary>
    public int Count => Points.Count;

    /// <summary>The mean of all points, [d].</summary>
    public double[] Mean()
    {
        double[] mean = new double[Dimension];
        foreach (double[] point in Points)
        {
            VectorMath.AddScaled(mean, 1.0 / Count, point);
        }

        return mean;
    }

    /// <summary>These points without their mean.</summary>
    public LabeledPoints Centered()
    {
        double[] mean = Mean();
        return new LabeledPoints([.. Points.Select(point => VectorMath.Difference(point, mean))], [.. Labels]);
    }
}
