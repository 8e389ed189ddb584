using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Tests.Reference;

namespace Differential.Kernels.Tests.Convolution;

/// <summary>Winograd's tiles against double-precision sums: images that tiles divide and that they do not, every padding, every width, kernels of 3 × 3 and of 4 × 4 with stride 2.</summary>
public sealed class FastConvolutionTests
{
    // Of the largest value. The transforms multiply by up to 8 and divide by up to 24, which costs a digit beside direct sums.
    private const double Tolerance = 3e-5;

    // Height, width, channels, filters, size, stride, padding; images.
    private static readonly (Conv2dGeometry Geometry, int Count)[] Shapes =
    [
        (new(4, 4, 16, 16, 3, 1, 1), 1),
        (new(3, 3, 16, 32, 3, 1, 0), 3),
        (new(1, 1, 16, 16, 3, 1, 1), 5),
        (new(5, 7, 32, 16, 3, 1, 2), 2),
        (new(8, 8, 48, 80, 3, 1, 1), 2),
        (new(13, 11, 16, 48, 3, 1, 0), 3),
        (new(12, 16, 64, 64, 3, 1, 1), 3),
        (new(10, 14, 16, 32, 3, 1, 2), 2),
        (new(6, 4, 192, 176, 3, 1, 1), 3),
        (new(9, 31, 32, 16, 3, 1, 1), 1),
        (new(8, 8, 16, 16, 4, 2, 1), 2),
        (new(16, 16, 32, 48, 4, 2, 1), 3),
        (new(17, 19, 16, 32, 4, 2, 0), 2),
        (new(15, 30, 48, 16, 4, 2, 2), 3),
        (new(29, 13, 16, 16, 4, 2, 3), 1),
        (new(8, 8, 112, 96, 4, 2, 1), 3),
    ];

    public static TheoryData<Conv2dGeometry, int, int> Cases => ConvolutionCases.AtEveryWidth(Shapes);

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryDirection_EveryGeometryAndWidth_MatchesReference(Conv2dGeometry geometry, int count, int bits)
    {
        Results results = Run(geometry, count, threads: 2, bits, ConvolutionMethod.Fast);
        float[] x = Values.Random(1, count * geometry.InputLength), weight = Values.Random(2, geometry.WeightLength), dy = Values.Random(4, count * geometry.OutputLength);
        float[] bias = Values.Random(3, geometry.Filters);
        double[] y = ReferenceConv2d.Forward(geometry, x, weight, count);
        AssertClose([.. y.Select((v, i) => Math.Max(0, v + bias[i % geometry.Filters]))], results.Y, "y");
        AssertClose(ReferenceConv2d.BackwardInput(geometry, dy, weight, count), results.InputGradient, "dx");
        AssertClose(ReferenceConv2d.BackwardWeight(geometry, x, dy, count), results.WeightGradient, "dWeight");
        AssertClose(ReferenceConv2d.BackwardBias(geometry, dy, count), results.BiasGradient, "dBias");
    }

    /// <summary>So many channels and tiles that the sums have room once, and the tiles come in several blocks.</summary>
    [Fact]
    public void WeightGradient_OfManyTilesAndChannels_IsCloseToTheDirectOne()
    {
        Conv2dGeometry geometry = new(16, 16, 192, 176, 3, 1, 1);
        Results fast = Run(geometry, 22, threads: 2, 512, ConvolutionMethod.Fast), direct = Run(geometry, 22, threads: 2, 512, ConvolutionMethod.Direct);
        AssertClose([.. direct.WeightGradient.Select(static value => (double)value)], fast.WeightGradient, "dWeight");
        AssertClose([.. direct.BiasGradient.Select(static value => (double)value)], fast.BiasGradient, "dBias");
    }

    [Theory]
    [InlineData(15, 17, 32, 48, 3, 1, 19)]
    [InlineData(8, 8, 192, 192, 3, 1, 30)]
    [InlineData(16, 31, 16, 48, 4, 2, 19)]
    [InlineData(8, 8, 128, 96, 4, 2, 30)]
    public void EveryResult_OneToThreeThreads_IsBitIdentical(int height, int width, int channels, int filters, int size, int stride, int count)
    {
        Conv2dGeometry geometry = new(height, width, channels, filters, size, stride, 1);
        Results expected = Run(geometry, count, threads: 1, 512, ConvolutionMethod.Fast);
        foreach (int threads in (int[])[2, 3])
        {
            Results results = Run(geometry, count, threads, 512, ConvolutionMethod.Fast);
            Assert.Equal(expected.Y, results.Y);
            Assert.Equal(expected.InputGradient, results.InputGradient);
            Assert.Equal(expected.WeightGradient, results.WeightGradient);
            Assert.Equal(expected.BiasGradient, results.BiasGradient);
        }
    }

    [Theory]
    [InlineData(3, 16, 3, 1)]
    [InlineData(16, 16, 3, 2)]
    [InlineData(16, 16, 5, 1)]
    [InlineData(16, 17, 3, 1)]
    [InlineData(16, 16, 4, 1)]
    [InlineData(16, 24, 4, 2)]
    public void Geometry_NotOpenToTiles_IsDirect(int channels, int filters, int size, int stride)
    {
        Conv2dGeometry geometry = new(11, 9, channels, filters, size, stride, 1);
        Results fast = Run(geometry, 2, threads: 1, 512, ConvolutionMethod.Fast), direct = Run(geometry, 2, threads: 1, 512, ConvolutionMethod.Direct);
        Assert.Equal(direct.Y, fast.Y);
        Assert.Equal(direct.InputGradient, fast.InputGradient);
        Assert.Equal(direct.WeightGradient, fast.WeightGradient);
    }

    /// <summary>Tiles compute 4 × 4 outputs whether they are there or not.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    [InlineData(6, true)]
    [InlineData(8, true)]
    [InlineData(32, true)]
    public void HasFast_OfASquareImage_IsWhereTilesTakeFewerProducts(int size, bool expected)
    {
        using SimdDevice device = new(threads: 1);
        Assert.Equal(expected, Conv2d.HasFast(device, new Conv2dGeometry(size, size, 16, 16, 3, 1, 1)));
        Assert.False(Conv2d.HasFast(device, new Conv2dGeometry(size, size, 16, 16, 1, 1, 0)));
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(8, true)]
    [InlineData(12, false)]
    [InlineData(14, true)]
    [InlineData(32, true)]
    public void HasFast_OfASquareImageThatIsHalved_IsWhereTilesTakeFewerProducts(int size, bool expected)
    {
        using SimdDevice device = new(threads: 1);
        Assert.Equal(expected, Conv2d.HasFast(device, new Conv2dGeometry(size, size, 16, 16, 4, 2, 1)));
    }

    [Fact]
    public void Reserve_ThenCalls_AllocateNothing()
    {
        using SimdDevice device = new(threads: 1);
        Conv2dGeometry geometry = new(8, 8, 16, 32, 3, 1, 1);
        using var convolution = Conv2d.Create(device, geometry, 4, ConvolutionMethod.Fast);
        convolution.Reserve(backwardInput: true, backwardWeight: true);
        Tensor<float> x = Values.Output(device, 4 * geometry.InputLength), y = Values.Output(device, 4 * geometry.OutputLength);
        Tensor<float> weight = Values.Output(device, geometry.WeightLength), bias = Values.Output(device, geometry.Filters);
        long held = device.AllocatedBytes;
        Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(held, device.AllocatedBytes);

        void Step()
        {
            convolution.Forward(x, weight, bias, relu: true, y, 4);
            convolution.BackwardWeight(x, y, weight, bias, 4);
            convolution.BackwardInput(y, weight, x, 4);
        }
    }

    [Fact]
    public void NaNInInput_StaysThroughRelu()
    {
        using SimdDevice device = new(threads: 1);
        Conv2dGeometry geometry = new(8, 8, 16, 16, 3, 1, 1);
        using var convolution = Conv2d.Create(device, geometry, 1, ConvolutionMethod.Fast);
        float[] x = Values.Random(1, geometry.InputLength);
        x[((3 * 8) + 3) * 16] = float.NaN;
        Tensor<float> y = Values.Output(device, geometry.OutputLength);
        convolution.Forward(Values.Unaligned(device, x), Values.Unaligned(device, Values.Random(2, geometry.WeightLength)), null, relu: true, y, 1);
        float[] result = y.ToArray();
        for (int row = 2; row <= 4; row++)
        {
            for (int column = 2; column <= 4; column++)
            {
                Assert.True(float.IsNaN(result[((row * 8) + column) * 16]));
            }
        }
    }

    private static Results Run(Conv2dGeometry geometry, int count, int threads, int bits, ConvolutionMethod method)
    {
        using SimdDevice device = new(threads, bits);
        using var convolution = Conv2d.Create(device, geometry, count + 1, method);
        Tensor<float> x = Values.Unaligned(device, Values.Random(1, count * geometry.InputLength));
        Tensor<float> weight = Values.Unaligned(device, Values.Random(2, geometry.WeightLength));
        Tensor<float> bias = Values.Unaligned(device, Values.Random(3, geometry.Filters));
        Tensor<float> dy = Values.Unaligned(device, Values.Random(4, count * geometry.OutputLength));
        Tensor<float> y = Values.Output(device, dy.Length), dx = Values.Output(device, x.Length), dWeight = Values.Output(device, weight.Length), dBias = Values.Output(device, bias.Length);
        convolution.Forward(x, weight, bias, relu: true, y, count);
        convolution.BackwardInput(dy, weight, dx, count);
        convolution.BackwardWeight(x, dy, dWeight, dBias, count);
        return new Results(y.ToArray(), dx.ToArray(), dWeight.ToArray(), dBias.ToArray());
    }

    // Beside the largest value: an output is a sum of a tile's products, and their errors do not shrink with it.
    private static void AssertClose(double[] expected, float[] actual, string name)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = expected.Max(Math.Abs);
        double worst = expected.Select((v, i) => Math.Abs(v - actual[i])).Max();
        Assert.True(worst <= Tolerance * scale, $"{name}: off by {worst / scale:G3} of the largest value");
    }

    private sealed record Results(float[] Y, float[] InputGradient, float[] WeightGradient, float[] BiasGradient);
}
