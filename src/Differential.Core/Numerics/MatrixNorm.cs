namespace Differential.Core.Numerics;

/// <summary>An upper bound on the norm ‖A‖₂ of a matrix: the largest eigenvalue of its Gram matrix, which a Cholesky factorisation proves (Rump 2006).</summary>
internal static class MatrixNorm
{
    /// <param name="rows">The matrix by its rows; better few of them.</param>
    /// <param name="tolerance">Relative, of the square.</param>
    public static double Upper(double[][] rows, double tolerance)
    {
        double largest = rows.Max(static row => row.Max(Math.Abs));
        if (!(largest > 0) || !double.IsFinite(largest))
        {
            return largest;
        }

        int exponent = Math.ILogB(largest);
        double[][] scaled = [.. rows.Select(row => row.Select(value => Math.ScaleB(value, -exponent)).ToArray())];
        double[][] gram = Gram(scaled);
        double trace = gram.Select(static (row, i) => row[i]).Sum();
        double low = gram.Select(static (row, i) => row[i]).Max();
        double high = trace * (1 + tolerance);
        while (high - low > tolerance * high)
        {
            double middle = (low / 2) + (high / 2);
            (low, high) = IsAbove(gram, middle) ? (low, middle) : (middle, high);
        }

        // What the Gram matrix's sums and the factorisation can have lost.
        int terms = scaled.Length + scaled[0].Length + 16;
        double lost = 2 * terms * SumRounding.DoubleUnit * (trace + (gram.Length * high));
        return Math.ScaleB(Math.Sqrt(high + lost) * (1 + (4 * SumRounding.DoubleUnit)), exponent);
    }

    private static double[][] Gram(double[][] rows)
    {
        var gram = new double[rows.Length][];
        for (int i = 0; i < rows.Length; i++)
        {
            gram[i] = new double[i + 1];
            for (int j = 0; j <= i; j++)
            {
                gram[i][j] = VectorMath.Dot(rows[i], rows[j]);
            }
        }

        return gram;
    }

    /// <summary>Whether λ − G is positive definite: it has a Cholesky factor.</summary>
    private static bool IsAbove(double[][] gram, double value)
    {
        var factor = new double[gram.Length][];
        for (int i = 0; i < gram.Length; i++)
        {
            factor[i] = new double[i + 1];
            for (int j = 0; j <= i; j++)
            {
                double left = (i == j ? value : 0) - gram[i][j] - VectorMath.Dot(factor[i].AsSpan(0, j), factor[j].AsSpan(0, j));
                if (i == j && !(left > 0))
                {
                    return false;
                }

                factor[i][j] = i == j ? Math.Sqrt(left) : left / factor[j][j];
            }
        }

        return true;
    }
}
