namespace Differential.Kernels.Tests.Reference;

/// <summary>A matrix product as a plain loop in double precision.</summary>
internal static class ReferenceMatrix
{
    /// <summary>[rows, columns] = left [rows, steps] · right [steps, columns], each with its strides by row and by column.</summary>
    public static double[] Product(
        float[] left, (int Row, int Column) leftStride, float[] right, (int Row, int Column) rightStride, int rows, int steps, int columns)
    {
        var product = new double[rows * columns];
        for (int i = 0; i < product.Length; i++)
        {
            int row = i / columns;
            int column = i % columns;
            for (int step = 0; step < steps; step++)
            {
                product[i] += (double)left[(row * leftStride.Row) + (step * leftStride.Column)]
                    * right[(step * rightStride.Row) + (column * rightStride.Column)];
            }
        }

        return product;
    }
}
