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
        return Math.Min(crude, small ? MatrixNorm.Upper(Rows(bound), Tolerance) : Iterated(device, layer, weight));
    }

    /// <summary>The rows of A, or of Aᵀ where these are fewer.</summary>
    private static double[][] Rows(AffineBoundLayer layer)
    {
        double[][] rows = [.. Enumerable.Range(0, layer.Outputs).Select(layer.Row)];
        return layer.Outputs <= layer.Inputs ? rows : [.. Enumerable.Range(0, layer.Inputs).Select(input => rows.Select(row => row[input]).ToArray())];
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
