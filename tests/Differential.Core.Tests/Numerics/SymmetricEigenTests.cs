
using Differential.Core.Numerics;

namespace Differential.Core.Tests.Numerics;

public sealed class SymmetricEigenTests
{
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

    [Fact]
    public void Decompose_NotFinite_IsRefused()
        => Assert.Throws<ArgumentException>(() => SymmetricEigen.Decompose([[double.NaN]]));
}
