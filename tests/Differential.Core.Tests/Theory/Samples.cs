
using Differential.Core.Data;
using Differential.Core.Numerics;

namespace Differential.Core.Tests.Theory;

/// <summary>Random points for tests.</summary>
internal static class Samples
{
    /// <summary>Uniform points in a cube of side 2, of alternating classes that the first coordinate moves apart by <paramref name="apart"/>.</summary>
    public static LabeledPoints Cube(int count, int dimension, double apart, int seed, bool duplicates = false)
    {
        Random random = new(seed);
        double[][] points = new double[count][];
        sbyte[] labels = new sbyte[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = (sbyte)(i % 2 == 0 ? 1 : -1);
            points[i] = [.. Enumerable.Range(0, dimension).Select(_ => (2 * random.NextDouble()) - 1)];
            points[i][0] += labels[i] * apart / 2;
            if (duplicates && i >= 2 && random.NextDouble() < 0.5)
            {
                points[i] = points[i - 2];
            }
        }

        return new LabeledPoints(points, labels);
    }

    /// <summary>The points seen in a randomly turned basis.</summary>
    public static LabeledPoints Turned(LabeledPoints points, int seed)
    {
        Random random = new(seed);
        int size = points.Dimension;
        double[][] basis = new double[size][];
        for (int i = 0; i < size; i++)
        {
            double[] axis = [.. Enumerable.Range(0, size).Select(_ => random.NextDouble() - 0.5)];
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j++)
                {
                    VectorMath.AddScaled(axis, -VectorMath.Dot(axis, basis[j]), basis[j]);
                }
            }

            VectorMath.Scale(axis, 1 / VectorMath.Norm(axis));
            basis[i] = axis;
        }

        return new LabeledPoints(
            [.. points.Points.Select(point => basis.Select(axis => VectorMath.Dot(axis, point)).ToArray())], [.. points.Labels]);
    }
}
