namespace Differential.Core.Numerics;

/// <summary>The eigenvalues and eigenvectors of a real symmetric matrix.</summary>
/// <param name="Values">[k], descending.</param>
/// <param name="Vectors">[k][k]: the i-th is the unit eigenvector of the i-th value.</param>
internal sealed record SymmetricEigen(double[] Values, double[][] Vectors)
{
    private const int MaxSweeps = 60;

    /// <summary>
    /// Jacobi's cyclic rotations: about ten sweeps of O(k³), accurate to rounding of the matrix's norm; meant for k up
    /// to some hundreds.
    /// </summary>
    /// <param name="matrix">[k][k], finite; its lower triangle is read, nothing is written.</param>
    public static SymmetricEigen Decompose(IReadOnlyList<double[]> matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        int size = matrix.Count;
        double[][] a = new double[size][];
        double[][] vectors = new double[size][];
        double norm = 0;
        for (int i = 0; i < size; i++)
        {
            a[i] = new double[size];
            vectors[i] = new double[size];
            vectors[i][i] = 1;
            for (int j = 0; j < size; j++)
            {
                a[i][j] = j <= i ? matrix[i][j] : matrix[j][i];
                norm += a[i][j] * a[i][j];
            }
        }

        if (!double.IsFinite(norm))
        {
            throw new ArgumentException("the matrix must be finite, and its squares too", nameof(matrix));
        }

        // An element below this share of the norm changes no eigenvalue beyond rounding.
        double negligible = 1e-17 * Math.Sqrt(norm);
        for (int sweep = 0; sweep < MaxSweeps && Sweep(a, vectors, negligible); sweep++)
        {
        }

        int[] order = [.. Enumerable.Range(0, size).OrderByDescending(i => a[i][i])];
        return new SymmetricEigen([.. order.Select(i => a[i][i])], [.. order.Select(i => vectors[i])]);
    }

    /// <summary>One rotation for each element above the diagonal; false where none was needed.</summary>
    private static bool Sweep(double[][] a, double[][] vectors, double negligible)
    {
        bool rotated = false;
        for (int p = 0; p < a.Length - 1; p++)
        {
            for (int q = p + 1; q < a.Length; q++)
            {
                if (Math.Abs(a[p][q]) > negligible)
                {
                    Rotate(a, vectors, p, q);
                    rotated = true;
                }
            }
        }

        return rotated;
    }

    private static void Rotate(double[][] a, double[][] vectors, int p, int q)
    {
        // The smaller of the two angles that make a[p][q] zero.
        double half = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double tangent = Math.CopySign(1, half) / (Math.Abs(half) + Math.Sqrt((half * half) + 1));
        double cosine = 1 / Math.Sqrt((tangent * tangent) + 1);
        double sine = tangent * cosine;
        double shift = tangent * a[p][q];
        (double pp, double qq) = (a[p][p] - shift, a[q][q] + shift);
        (double[] rowP, double[] rowQ) = (a[p], a[q]);
        for (int k = 0; k < a.Length; k++)
        {
            (double akp, double akq) = (rowP[k], rowQ[k]);
            rowP[k] = (cosine * akp) - (sine * akq);
            rowQ[k] = (sine * akp) + (cosine * akq);
            (double vp, double vq) = (vectors[p][k], vectors[q][k]);
            vectors[p][k] = (cosine * vp) - (sine * vq);
            vectors[q][k] = (sine * vp) + (cosine * vq);
        }

        (rowP[p], rowQ[q], rowP[q], rowQ[p]) = (pp, qq, 0, 0);
        for (int k = 0; k < a.Length; k++)
        {
            a[k][p] = rowP[k];
            a[k][q] = rowQ[k];
        }
    }
}
