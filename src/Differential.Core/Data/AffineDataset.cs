namespace Differential.Core.Data;

/// <summary>
/// Points on a low-dimensional affine subspace, on which cross-entropy leaves a poor margin (Nar et al. 2019): a few
/// coordinates vary, the rest are the same constant for all points.
/// </summary>
/// <param name="Free">Coordinates that vary, at least 1; the first alone tells the classes apart.</param>
/// <param name="Constant">Coordinates that are equal to <paramref name="Offset"/> for all points.</param>
/// <param name="PointsPerClass">Points of each class, at least 1.</param>
/// <param name="Center">Where the classes meet along the first coordinate.</param>
/// <param name="Offset">Value of the constant coordinates.</param>
/// <param name="Seed">Start of the generator.</param>
internal sealed record AffineDataset(int Free = 5, int Constant = 45, int PointsPerClass = 20, double Center = 3, double Offset = 0.15, long Seed = 12345)
{
    private const long Modulus = 1L << 31;

    /// <summary>
    /// The points, the positive class first. The generator is state ← (1103515245·state + 12345) mod 2³¹,
    /// u = state / 2³¹; coordinate 0 is center + label·(0.5 + u), the other free ones 4u − 2, one draw each, in order.
    /// </summary>
    public LabeledPoints Generate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Free, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Constant);
        ArgumentOutOfRangeException.ThrowIfLessThan(PointsPerClass, 1);
        long state = ((Seed % Modulus) + Modulus) % Modulus;
        double[][] points = new double[2 * PointsPerClass][];
        sbyte[] labels = new sbyte[points.Length];
        for (int row = 0; row < points.Length; row++)
        {
            labels[row] = (sbyte)(row < PointsPerClass ? 1 : -1);
            double[] point = new double[Free + Constant];
            point.AsSpan(Free).Fill(Offset);
            point[0] = Center + (labels[row] * (0.5 + Draw(ref state)));
            for (int k = 1; k < Free; k++)
            {
                point[k] = (4 * Draw(ref state)) - 2;
            }

            points[row] = point;
        }

        return new LabeledPoints(points, labels);
    }

    private static double Draw(ref long state)
    {
        state = ((1103515245 * state) + 12345) % Modulus;
        return state / (double)Modulus;
    }
}
