using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

using Differential.Core.Numerics;

namespace Differential.Core.Tests.Numerics;

public sealed class SymmetricEigenTests
{
    private static readonly Gen<double[][]> Matrices =
        from size in Gen.Int[1, 30]
        from rank in Gen.Int[1, size]
        from scale in Gen.Int[-12, 12]
        from signs in Gen.Int[0, 1].Array[rank]
        from directions in Gen.Double[-1, 1].Array[size].Array[rank]
        select (double[][])[.. Enumerable.Range(0, size).Select(i => Enumerable.Range(0, size)
            .Select(j => Math.Pow(10, scale) * Enumerable.Range(0, rank).Sum(k => (signs[k] == 0 ? 1 : -1) * directions[k][i] * directions[k][j])).ToArray())];

    [Fact]
    public void Decompose_TwoByTwo_IsExact()
    {
        SymmetricEigen eigen = SymmetricEigen.Decompose([[2, 0], [1, 2]]);
        Assert.Equal(3, eigen.Values[0], 1e-14);
        Assert.Equal(1, eigen.Values[1], 1e-14);
        Assert.Equal(eigen.Vectors[0][0], eigen.Vectors[0][1], 1e-14);
        Assert.Equal(eigen.Vectors[1][0], -eigen.Vectors[1][1], 1e-14);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    public void Decompose_SecondDifferences_HasTheKnownEigenvalues(int size)
    {
        // 2 on the diagonal, −1 beside it: 2 − 2·cos(kπ / (n + 1)).
        SymmetricEigen eigen = SymmetricEigen.Decompose(
            [.. Enumerable.Range(0, size).Select(i => Enumerable.Range(0, size).Select(j => i == j ? 2.0 : Math.Abs(i - j) == 1 ? -1 : 0).ToArray())]);
        for (int k = 0; k < size; k++)
        {
            Assert.Equal(2 - (2 * Math.Cos((size - k) * Math.PI / (size + 1))), eigen.Values[k], 1e-13);
        }
    }

    [Theory]
    [InlineData(7, 1.0)]
    [InlineData(40, 1e8)]
    [InlineData(61, 1e-8)]
    public void Decompose_RandomMatrix_IsRebuiltFromItsParts(int size, double scale)
    {
        Random random = new(size);
        double[][] matrix = [.. Enumerable.Range(0, size).Select(_ => Enumerable.Range(0, size).Select(_ => scale * (random.NextDouble() - 0.5)).ToArray())];
        SymmetricEigen eigen = SymmetricEigen.Decompose(matrix);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double rebuilt = Enumerable.Range(0, size).Sum(k => eigen.Values[k] * eigen.Vectors[k][i] * eigen.Vectors[k][j]);
                Assert.Equal(matrix[i][j], rebuilt, 1e-13 * scale * size);
                Assert.Equal(i == j ? 1 : 0, VectorMath.Dot(eigen.Vectors[i], eigen.Vectors[j]), 1e-12);
            }
        }

        Assert.Equal(eigen.Values.OrderDescending(), eigen.Values);
    }

    /// <summary>Gram matrices of few directions in many dimensions, most of whose eigenvalues are 0, and others of any scale.</summary>
    [Fact]
    public void Decompose_AnySymmetricMatrix_HasTheEigenvaluesOfMathNet() => Matrices.Sample(
        rows =>
        {
            SymmetricEigen eigen = SymmetricEigen.Decompose(rows);
            Evd<double> expected = Matrix<double>.Build.DenseOfRowArrays(rows).Evd(Symmetricity.Symmetric);
            double tolerance = 1e-13 * rows.Length * expected.EigenValues.Max(v => v.Magnitude);
            Assert.Equal(
                [.. expected.EigenValues.Select(v => v.Real).OrderDescending()],
                eigen.Values,
                (double e, double a) => Math.Abs(e - a) <= tolerance);
        },
        iter: 200);

    [Fact]
    public void Decompose_NotFinite_IsRefused()
        => Assert.Throws<ArgumentException>(() => SymmetricEigen.Decompose([[double.NaN]]));
}
