using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Gemm;
using Differential.Kernels.Tests.Reference;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>
/// The products with rounded factors. Each result is held against two references in double precision. Factors
/// rounded as the format says: what is left is float32's rounding of the sums, K steps of 2⁻²⁴ each on what is added up,
/// K + 1 with the final rounding. Factors not rounded: a factor of 11 bits is off by at most 2⁻¹¹ of itself, so a product by
/// 2⁻¹⁰ + 2⁻²²; a half below 2⁻¹⁴ is off by at most 2⁻²⁵.
/// </summary>
public abstract class MatrixPrecisionCases
{
    private const string Tf32 = nameof(MatrixPrecision.Tf32);
    private const string Fp16 = nameof(MatrixPrecision.Fp16);

    [SkippableTheory]
    [InlineData(1, 1, 1, Tf32)]
    [InlineData(7, 5, 3, Tf32)]
    [InlineData(37, 1, 17, Fp16)]
    [InlineData(40, 36, 70, Tf32)]
    [InlineData(40, 36, 70, Fp16)]
    [InlineData(130, 33, 2, Tf32)]
    [InlineData(131, 33, 2, Fp16)]
    public void Dense_RoundedFactors_AsInDoublePrecision(int inputs, int outputs, int count, string precision)
    {
        using ComputeDevice device = Open(Enum.Parse<MatrixPrecision>(precision));
        float[] x = Values.Random(1, count * inputs);
        float[] weight = Values.Random(2, outputs * inputs);
        float[] dy = Values.Random(3, count * outputs);
        using Dense dense = Dense.Create(device, inputs, outputs, count);
        using Tensor<float> xs = device.Allocate(new Shape(count, inputs), x);
        using Tensor<float> weights = device.Allocate(new Shape(outputs, inputs), weight);
        using Tensor<float> dys = device.Allocate(new Shape(count, outputs), dy);
        using Tensor<float> y = device.Allocate(dys.Shape);
        using Tensor<float> dx = device.Allocate(xs.Shape);
        using Tensor<float> dWeight = device.Allocate(weights.Shape);
        using Tensor<float> dBias = device.Allocate(new Shape(outputs));
        dense.Forward(xs, weights, null, false, y, count);
        dense.BackwardInput(dys, weights, dx, count);
        dense.BackwardWeight(xs, dys, dWeight, dBias, count);
        Check(precision, inputs, x, weight, (a, b) => ReferenceMatrix.Product(a, (inputs, 1), b, (1, inputs), count, inputs, outputs), y);
        Check(precision, outputs, dy, weight, (a, b) => ReferenceMatrix.Product(a, (outputs, 1), b, (inputs, 1), count, outputs, inputs), dx);
        Check(precision, count, dy, x, (a, b) => ReferenceMatrix.Product(a, (1, outputs), b, (inputs, 1), outputs, count, inputs), dWeight);
        Check(precision, count, dy, [.. Enumerable.Repeat(1f, count)], (a, b) => ReferenceMatrix.Product(a, (1, outputs), b, (1, 1), outputs, count, 1), dBias);
    }

    public static TheoryData<int[], int, string> Convolutions => new()
    {
        { [5, 7, 3, 2, 3, 1, 1], 1, Tf32 },
        { [5, 7, 3, 2, 3, 1, 1], 1, Fp16 },
        { [6, 5, 4, 8, 3, 2, 1], 3, Tf32 },
        { [6, 5, 4, 8, 3, 2, 1], 3, Fp16 },
        { [7, 4, 5, 19, 2, 3, 0], 2, Fp16 },
        { [6, 6, 8, 36, 3, 1, 1], 2, Tf32 },
        { [6, 6, 8, 36, 3, 1, 1], 2, Fp16 },
    };

    [SkippableTheory]
    [MemberData(nameof(Convolutions))]
    public void Conv2d_RoundedFactors_AsInDoublePrecision(int[] sizes, int count, string precision)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        var g = new Conv2dGeometry(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6]);
        using ComputeDevice device = Open(Enum.Parse<MatrixPrecision>(precision));
        float[] x = Values.Random(1, count * g.InputLength);
        float[] weight = Values.Random(2, g.WeightLength);
        float[] dy = Values.Random(3, count * g.OutputLength);
        using Conv2d conv = Conv2d.Create(device, g, count);
        using Tensor<float> xs = device.Allocate(new Shape(x.Length), x);
        using Tensor<float> weights = device.Allocate(new Shape(weight.Length), weight);
        using Tensor<float> dys = device.Allocate(new Shape(dy.Length), dy);
        using Tensor<float> y = device.Allocate(dys.Shape);
        using Tensor<float> dx = device.Allocate(xs.Shape);
        using Tensor<float> dWeight = device.Allocate(weights.Shape);
        using Tensor<float> dBias = device.Allocate(new Shape(g.Filters));
        conv.Forward(xs, weights, null, false, y, count);
        conv.BackwardInput(dys, weights, dx, count);
        conv.BackwardWeight(xs, dys, dWeight, dBias, count);
        Check(precision, g.Size * g.Size * g.Channels, x, weight, (a, b) => ReferenceConv2d.Forward(g, a, b, count), y);
        Check(precision, g.Size * g.Size * g.Filters, dy, weight, (a, b) => ReferenceConv2d.BackwardInput(g, a, b, count), dx);
        Check(precision, dy.Length / g.Filters, x, dy, (a, b) => ReferenceConv2d.BackwardWeight(g, a, b, count), dWeight);
        Check(precision, dy.Length / g.Filters, dy, [1], (a, _) => ReferenceConv2d.BackwardBias(g, a, count), dBias);
    }

    /// <summary>Gradients that would be no halves at all: scaled by a power of two, so that only their rounding to 11 bits is left.</summary>
    [SkippableTheory]
    [InlineData(1e-12f)]
    [InlineData(1e12f)]
    public void Dense_HalvesOfSmallAndLargeGradients_KeepTheirDigits(float size)
    {
        const int Inputs = 6;
        const int Outputs = 5;
        const int Count = 9;
        using ComputeDevice device = Open(MatrixPrecision.Fp16);
        float[] x = Values.Random(1, Count * Inputs);
        float[] weight = Values.Random(2, Outputs * Inputs);
        float[] dy = [.. Values.Random(3, Count * Outputs).Select(v => v * size)];
        using Dense dense = Dense.Create(device, Inputs, Outputs, Count);
        using Tensor<float> xs = device.Allocate(new Shape(Count, Inputs), x);
        using Tensor<float> weights = device.Allocate(new Shape(Outputs, Inputs), weight);
        using Tensor<float> dys = device.Allocate(new Shape(Count, Outputs), dy);
        using Tensor<float> dx = device.Allocate(xs.Shape);
        using Tensor<float> dWeight = device.Allocate(weights.Shape);
        dense.BackwardInput(dys, weights, dx, Count);
        dense.BackwardWeight(xs, dys, dWeight, null, Count);
        AssertDigits(dy, weight, (a, b) => ReferenceMatrix.Product(a, (Outputs, 1), b, (Inputs, 1), Count, Outputs, Inputs), dx);
        AssertDigits(dy, x, (a, b) => ReferenceMatrix.Product(a, (1, Outputs), b, (Inputs, 1), Outputs, Count, Inputs), dWeight);
    }

    [SkippableFact]
    public void Products_RunTwice_GiveTheSameBits()
    {
        using ComputeDevice device = Open(MatrixPrecision.Tf32);
        OperationCase operation = OperationCase.All.Single(c => c.Name.StartsWith("Dense 64 to 36", StringComparison.Ordinal));
        Assert.Equal(operation.Run(device), operation.Run(device));
    }

    /// <summary>The device with a precision, or the test is skipped; the caller owns it.</summary>
    protected abstract ComputeDevice Open(MatrixPrecision precision);

    private static void Check(string precision, int steps, float[] left, float[] right, Func<float[], float[], double[]> product, Tensor<float> actual)
    {
        bool half = precision == Fp16;
        float[] roundedLeft = [.. left.Select(v => Rounded(v, half))];
        float[] roundedRight = [.. right.Select(v => Rounded(v, half))];
        double[] rounded = product(roundedLeft, roundedRight);
        double[] exact = product(left, right);
        double[] added = product([.. left.Select(Math.Abs)], [.. right.Select(Math.Abs)]);
        float[] values = actual.ToArray();
        Assert.Equal(exact.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            double sums = (steps + 1) * Math.Pow(2, -24) * added[i] * 1.01;
            Assert.True(Math.Abs(values[i] - rounded[i]) <= sums, $"element {i} is {values[i]:G9}; {rounded[i]:G9} is expected of rounded factors, to {sums:G2}");
            double factors = (added[i] * (Math.Pow(2, -10) + Math.Pow(2, -22))) + (half ? 2 * steps * Math.Pow(2, -25) : 0);
            Assert.True(Math.Abs(values[i] - exact[i]) <= sums + factors, $"element {i} is {values[i]:G9}; {exact[i]:G9} is expected, to {sums + factors:G2}");
        }
    }

    /// <summary>What is off is what 11 bits of each factor leave, on the magnitudes that are added up; their sums add far less.</summary>
    private static void AssertDigits(float[] left, float[] right, Func<float[], float[], double[]> product, Tensor<float> actual)
    {
        double[] exact = product(left, right);
        double[] added = product([.. left.Select(Math.Abs)], [.. right.Select(Math.Abs)]);
        float[] values = actual.ToArray();
        Assert.All(values, (value, i) => Assert.True(Math.Abs(value - exact[i]) <= added[i] * Math.Pow(2, -9.9), $"element {i} is {value:G9}; {exact[i]:G9} is expected"));
    }

    /// <summary>Rounded by arithmetic, not by bits as the kernels do: 11 binary digits in all, ties away from zero; halves by .NET.</summary>
    private static float Rounded(float value, bool half)
    {
        if (half || value == 0)
        {
            return (float)(System.Half)value;
        }

        int exponent = Math.ILogB(value) - 10;
        return (float)Math.ScaleB(Math.Round(Math.ScaleB(value, -exponent), MidpointRounding.AwayFromZero), exponent);
    }
}
