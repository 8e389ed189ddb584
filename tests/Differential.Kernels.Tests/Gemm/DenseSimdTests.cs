using Differential.Kernels.Devices;
using Differential.Kernels.Gemm;
using Differential.Kernels.Tests.Reference;

namespace Differential.Kernels.Tests.Gemm;

public sealed class DenseSimdTests
{
    private const double Tolerance = 2e-5;

    // Inputs, outputs; rows.
    private static readonly (int Inputs, int Outputs, int Count)[] Shapes =
    [
        (1, 1, 1),
        (2, 1, 7),
        (128, 1, 128),
        (1, 33, 5),
        (17, 16, 1),
        (31, 13, 37),
        (300, 10, 53),
        (1025, 3, 2),
        (2100, 5, 3),
        (64, 129, 15),
        (5, 3, 600),
        (97, 300, 29),
    ];

    public static TheoryData<int, int, int, int> Cases
    {
        get
        {
            TheoryData<int, int, int, int> cases = [];
            foreach ((int inputs, int outputs, int count) in Shapes)
            {
                foreach (int bits in (int[])[512, 256, 128, 32])
                {
                    cases.Add(inputs, outputs, count, bits);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_EveryShapeAndWidth_MatchesReference(int inputs, int outputs, int count, int bits)
    {
        using SimdDevice device = new(threads: 2, bits);
        using var dense = Dense.Create(device, inputs, outputs, count + 1);
        float[] x = Values.Random(1, count * inputs);
        float[] weight = Values.Random(2, inputs * outputs);
        float[] bias = Values.Random(3, outputs);
        double[] products = ReferenceMatrix.Product(x, (inputs, 1), weight, (1, inputs), count, inputs, outputs);
        foreach (bool relu in (bool[])[false, true])
        {
            Tensor<float> y = Values.Output(device, count * outputs);
            dense.Forward(Values.Unaligned(device, x), Values.Unaligned(device, weight), Values.Unaligned(device, bias), relu, y, count);
            double[] expected = [.. products.Select((v, i) => v + bias[i % outputs]).Select(v => relu ? Math.Max(v, 0) : v)];
            Values.AssertClose(expected, y, Tolerance, "y");
        }

        Tensor<float> unbiased = Values.Output(device, count * outputs);
        dense.Forward(Values.Unaligned(device, x), Values.Unaligned(device, weight), null, relu: false, unbiased, count);
        Values.AssertClose(products, unbiased, Tolerance, "y without bias");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backward_EveryShapeAndWidth_MatchesReference(int inputs, int outputs, int count, int bits)
    {
        using SimdDevice device = new(threads: 2, bits);
        using var dense = Dense.Create(device, inputs, outputs, count + 1);
        float[] x = Values.Random(1, count * inputs);
        float[] weight = Values.Random(2, inputs * outputs);
        float[] dy = Values.Random(4, count * outputs);
        Tensor<float> dx = Values.Output(device, x.Length);
        Tensor<float> dWeight = Values.Output(device, weight.Length);
        Tensor<float> dBias = Values.Output(device, outputs);
        dense.BackwardInput(Values.Unaligned(device, dy), Values.Unaligned(device, weight), dx, count);
        dense.BackwardWeight(Values.Unaligned(device, x), Values.Unaligned(device, dy), dWeight, dBias, count);
        Values.AssertClose(ReferenceMatrix.Product(dy, (outputs, 1), weight, (inputs, 1), count, outputs, inputs), dx, Tolerance, "dx");
        Values.AssertClose(ReferenceMatrix.Product(dy, (1, outputs), x, (inputs, 1), outputs, count, inputs), dWeight, Tolerance, "dWeight");
        float[] ones = [.. Enumerable.Repeat(1f, count)];
        Values.AssertClose(ReferenceMatrix.Product(ones, (0, 1), dy, (outputs, 1), 1, count, outputs), dBias, Tolerance, "dBias");
    }

    [Fact]
    public void EveryResult_OneToThreeThreads_IsBitIdentical()
    {
        const int inputs = 1300;
        const int outputs = 45;
        const int count = 300;
        float[][] expected = Run(1);
        Assert.Equal(expected, Run(2));
        Assert.Equal(expected, Run(3));

        static float[][] Run(int threads)
        {
            using SimdDevice device = new(threads);
            using var dense = Dense.Create(device, inputs, outputs, count);
            Tensor<float> x = Values.Unaligned(device, Values.Random(1, count * inputs));
            Tensor<float> dy = Values.Unaligned(device, Values.Random(2, count * outputs));
            Tensor<float> weight = Values.Unaligned(device, Values.Random(3, inputs * outputs));
            Tensor<float> bias = Values.Unaligned(device, Values.Random(4, outputs));
            Tensor<float> y = Values.Output(device, dy.Length);
            Tensor<float> dx = Values.Output(device, x.Length);
            Tensor<float> dWeight = Values.Output(device, weight.Length);
            Tensor<float> dBias = Values.Output(device, outputs);
            dense.Forward(x, weight, bias, relu: false, y, count);
            dense.BackwardInput(dy, weight, dx, count);
            dense.BackwardWeight(x, dy, dWeight, dBias, count);
            return [y.ToArray(), dx.ToArray(), dWeight.ToArray(), dBias.ToArray()];
        }
    }

    [Fact]
    public void Forward_NaNInInput_StaysThroughRelu()
    {
        using SimdDevice device = new(threads: 1);
        using var dense = Dense.Create(device, 20, 3, 2);
        float[] x = Values.Random(1, 40);
        x[25] = float.NaN;
        Tensor<float> y = Values.Output(device, 6);
        dense.Forward(Values.Unaligned(device, x), Values.Unaligned(device, Values.Random(2, 60)), null, relu: true, y, 2);
        Assert.Equal([false, false, false, true, true, true], y.ToArray().Select(float.IsNaN));
    }
}
