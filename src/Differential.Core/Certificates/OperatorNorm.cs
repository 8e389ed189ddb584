using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;

namespace Differential.Core.Certificates;

/// <summary>
/// Upper bounds on the norm ‖A‖₂ of a layer's operator. With few inputs or outputs: the largest eigenvalue of the Gram matrix, which a
/// Cholesky factorisation proves (Rump 2006), to ten digits. Else <see cref="LanczosNorm"/>, on weights over a power of two, so that no
/// square overflows; or √(‖A‖₁·‖A‖∞) where that is less.
/// </summary>
internal static class OperatorNorm
{
    private const int MostRows = 256;
    private const double MostWork = 2e8;
    private const double Tolerance = 1e-10;

    /// <param name="device">Where iterations run.</param>
    /// <param name="layer">A layer with weights.</param>
    /// <param name="weight">What it multiplies with.</param>
    /// <param name="bound">The same as bounds see it.</param>
    public static double Upper(ComputeDevice device, Layer layer, float[] weight, AffineBoundLayer bound)
    {
        (double row, double column) = bound.AbsoluteSums();
        double crude = Math.Sqrt(row) * Math.Sqrt(column) * (1 + ((bound.Inputs + bound.Outputs + 8) * SumRounding.DoubleUnit));
        if (!(crude > 0) || !double.IsFinite(crude))
        {
            return crude;
        }

        int rows = Math.Min(bound.Inputs, bound.Outputs);
        bool small = rows <= MostRows && (double)rows * bound.Inputs * bound.Outputs <= MostWork;
        return Math.Min(crude, small ? OfRows(Rows(bound)) : Iterated(device, layer, weight));
    }

    /// <summary>Of a matrix by its rows.</summary>
    internal static double OfRows(double[][] rows)
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
        double high = trace * (1 + Tolerance);
        while (high - low > Tolerance * high)
        {
            double middle = (low / 2) + (high / 2);
            (low, high) = IsAbove(gram, middle) ? (low, middle) : (middle, high);
        }

        // What the Gram matrix's sums and the factorisation can have lost.
        int terms = scaled.Length + scaled[0].Length + 16;
        double lost = 2 * terms * SumRounding.DoubleUnit * (trace + (gram.Length * high));
        return Math.ScaleB(Math.Sqrt(high + lost) * (1 + (4 * SumRounding.DoubleUnit)), exponent);
    }

    /// <summary>The rows of A, or of Aᵀ where these are fewer.</summary>
    private static double[][] Rows(AffineBoundLayer layer)
    {
        double[][] rows =
        [
            .. Enumerable.Range(0, layer.Outputs).Select(output =>
            {
                var unit = new double[layer.Outputs];
                unit[output] = 1;
                var row = new double[layer.Inputs];
                layer.Backward(unit, row);
                return row;
            }),
        ];
        return layer.Outputs <= layer.Inputs ? rows : [.. Enumerable.Range(0, layer.Inputs).Select(input => rows.Select(row => row[input]).ToArray())];
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

    private static double Iterated(ComputeDevice device, Layer layer, float[] weight)
    {
        int exponent = Math.ILogB(weight.Max(Math.Abs));
        float[] values = [.. weight.Select(value => (float)Math.ScaleB(value, -exponent))];
        using Tensor<float> scaled = device.Allocate(layer.Weight!, values);
        using LayerOperator map = layer.CreateOperator(device, 1)!;
        using var norm = new LanczosNorm(device, map, scaled);
        return Math.ScaleB(norm.Upper(), exponent);
    }
}
