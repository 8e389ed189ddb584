using System.Collections.Concurrent;
using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Tests.Reference;

namespace Differential.Kernels.Tests.Convolution;

public sealed class Conv2dSimdTests
{
    private const double Tolerance = 2e-5;

    // Height, width, channels, filters, size, stride, padding; images.
    private static readonly (Conv2dGeometry Geometry, int Count)[] Shapes =
    [
        (new(1, 1, 1, 1, 1, 1, 0), 1),
        (new(5, 7, 1, 1, 3, 1, 1), 1),
        (new(8, 8, 3, 16, 3, 1, 1), 2),
        (new(32, 32, 3, 17, 3, 1, 1), 1),
        (new(16, 8, 32, 33, 3, 1, 1), 1),
        (new(9, 31, 5, 17, 3, 1, 0), 3),
        (new(13, 11, 3, 3, 5, 1, 2), 2),
        (new(7, 19, 5, 32, 3, 2, 1), 3),
        (new(19, 7, 32, 16, 3, 2, 0), 1),
        (new(11, 13, 3, 17, 3, 3, 1), 5),
        (new(10, 9, 5, 33, 2, 3, 0), 2),
        (new(6, 6, 32, 1, 1, 1, 0), 3),
        (new(6, 5, 3, 3, 1, 2, 1), 2),
        (new(4, 4, 5, 17, 3, 1, 3), 2),
        (new(3, 2, 1, 16, 5, 2, 3), 3),
        (new(2, 3, 3, 33, 6, 3, 2), 1),
        (new(17, 40, 1, 3, 7, 2, 3), 1),
        (new(3, 3, 2, 5, 2, 1, 2), 19),
        (new(5, 4, 64, 64, 3, 1, 1), 1),
    ];

    public static TheoryData<Conv2dGeometry, int, int> Cases => ConvolutionCases.AtEveryWidth(Shapes);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_EveryGeometryAndWidth_MatchesReference(Conv2dGeometry geometry, int count, int bits)
    {
        using SimdDevice device = new(threads: 2, bits);
        using var convolution = Conv2d.Create(device, geometry, count + 2);
        var example = Example.Of(geometry, count);
        foreach (bool relu in (bool[])[false, true])
        {
            foreach (float[]? bias in (float[]?[])[null, example.Bias])
            {
                Tensor<float> y = Values.Output(device, count * geometry.OutputLength);
                convolution.Forward(
                    Values.Unaligned(device, example.Input),
                    Values.Unaligned(device, example.Weight),
                    bias is null ? null : Values.Unaligned(device, bias),
                    relu,
                    y,
                    count);
                Values.AssertClose(example.Output(bias, relu), y, Tolerance, "y");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void BackwardInput_EveryGeometryAndWidth_MatchesReference(Conv2dGeometry geometry, int count, int bits)
    {
        using SimdDevice device = new(threads: 2, bits);
        using var convolution = Conv2d.Create(device, geometry, count);
        var example = Example.Of(geometry, count);
        Tensor<float> dx = Values.Output(device, count * geometry.InputLength);
        convolution.BackwardInput(Values.Unaligned(device, example.OutputGradient), Values.Unaligned(device, example.Weight), dx, count);
        Values.AssertClose(example.InputGradient, dx, Tolerance, "dx");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void BackwardWeight_EveryGeometryAndWidth_MatchesReference(Conv2dGeometry geometry, int count, int bits)
    {
        using SimdDevice device = new(threads: 2, bits);
        using var convolution = Conv2d.Create(device, geometry, count + 20);
        var example = Example.Of(geometry, count);
        Tensor<float> dWeight = Values.Output(device, geometry.WeightLength);
        Tensor<float> dBias = Values.Output(device, geometry.Filters);
        convolution.BackwardWeight(Values.Unaligned(device, example.Input), Values.Unaligned(device, example.OutputGradient), dWeight, dBias, count);
        Values.AssertClose(example.WeightGradient, dWeight, Tolerance, "dWeight");
        Values.AssertClose(ReferenceConv2d.BackwardBias(geometry, example.OutputGradient, count), dBias, Tolerance, "dBias");
    }

    /// <summary>Of few channels each output pixel's products are summed over the filters first, and those sums by output row and pixel.</summary>
    [Theory]
    [InlineData(9, 21, 3, 1, 1)]
    [InlineData(8, 16, 3, 1, 0)]
    [InlineData(7, 33, 3, 1, 2)]
    [InlineData(9, 12, 3, 2, 1)]
    public void BackwardInput_OfThreeChannels_AddsInOneOrder(int height, int width, int size, int stride, int padding)
    {
        const int count = 3;
        Conv2dGeometry g = new(height, width, 3, 40, size, stride, padding);
        var example = Example.Of(g, count);
        using SimdDevice device = new(threads: 2);
        using var convolution = Conv2d.Create(device, g, count);
        Tensor<float> dx = Values.Output(device, count * g.InputLength);
        convolution.BackwardInput(Values.Unaligned(device, example.OutputGradient), Values.Unaligned(device, example.Weight), dx, count);
        var expected = new float[count * g.InputLength];
        for (int pixel = 0; pixel < count * g.OutputHeight * g.OutputWidth; pixel++)
        {
            (int image, int y, int x) = (pixel / (g.OutputHeight * g.OutputWidth), pixel / g.OutputWidth % g.OutputHeight, pixel % g.OutputWidth);
            for (int product = 0; product < size * size * g.Channels; product++)
            {
                (int tap, int channel) = (product / g.Channels, product % g.Channels);
                (int row, int column) = ((y * stride) + (tap / size) - padding, (x * stride) + (tap % size) - padding);
                if (row >= 0 && row < g.Height && column >= 0 && column < g.Width)
                {
                    float sum = 0;
                    for (int filter = 0; filter < g.Filters; filter++)
                    {
                        sum = float.MultiplyAddEstimate(
                            example.OutputGradient[(pixel * g.Filters) + filter], example.Weight[(((filter * g.Channels) + channel) * size * size) + tap], sum);
                    }

                    expected[(((((image * g.Height) + row) * g.Width) + column) * g.Channels) + channel] += sum;
                }
            }
        }

        Assert.Equal(expected, dx.ToArray());
    }

    /// <summary>An image's outputs and input gradients have the same bits alone and among so many that images are the rows of tiles.</summary>
    [Theory]
    [InlineData(4, 4, 3, 1, 1, 512)]
    [InlineData(4, 4, 3, 1, 1, 256)]
    [InlineData(8, 8, 3, 1, 1, 512)]
    [InlineData(2, 5, 3, 2, 1, 512)]
    [InlineData(3, 3, 4, 2, 1, 128)]
    [InlineData(1, 1, 1, 1, 0, 512)]
    public void ForwardAndBackwardInput_OfSmallImages_AreThoseOfEachAlone(int height, int width, int size, int stride, int padding, int bits)
    {
        const int count = 31;
        Conv2dGeometry g = new(height, width, 35, 33, size, stride, padding);
        var example = Example.Of(g, count);
        using SimdDevice device = new(threads: 2, bits);
        using var convolution = Conv2d.Create(device, g, count);
        Tensor<float> weight = Values.Unaligned(device, example.Weight), bias = Values.Unaligned(device, example.Bias);
        (float[] y, float[] dx) = Run(0, count);
        for (int image = 0; image < count; image++)
        {
            (float[] ownY, float[] ownDx) = Run(image, 1);
            Assert.Equal(ownY, y.AsSpan(image * g.OutputLength, g.OutputLength));
            Assert.Equal(ownDx, dx.AsSpan(image * g.InputLength, g.InputLength));
        }

        (float[] Y, float[] InputGradient) Run(int from, int images)
        {
            Tensor<float> outputs = Values.Output(device, images * g.OutputLength), inputs = Values.Output(device, images * g.InputLength);
            convolution.Forward(Values.Unaligned(device, example.Input.AsSpan(from * g.InputLength, images * g.InputLength).ToArray()), weight, bias, relu: true, outputs, images);
            convolution.BackwardInput(Values.Unaligned(device, example.OutputGradient.AsSpan(from * g.OutputLength, images * g.OutputLength).ToArray()), weight, inputs, images);
            return (outputs.ToArray(), inputs.ToArray());
        }
    }

    /// <summary>The sums of a weight gradient go by group of images, image, column and row, however many images a tile sums up.</summary>
    [Theory]
    [InlineData(4, 4, 3, 1, 1, 512)]
    [InlineData(4, 4, 3, 1, 1, 256)]
    [InlineData(4, 4, 3, 1, 1, 32)]
    [InlineData(8, 7, 3, 1, 0, 512)]
    [InlineData(3, 9, 5, 1, 2, 512)]
    [InlineData(7, 2, 4, 1, 3, 512)]
    [InlineData(8, 8, 3, 2, 1, 512)]
    public void BackwardWeight_OfSmallImages_AddsInOneOrder(int height, int width, int size, int stride, int padding, int bits)
    {
        const int count = 37, groups = 16;
        Conv2dGeometry g = new(height, width, 5, 33, size, stride, padding);
        var example = Example.Of(g, count);
        using SimdDevice device = new(threads: 2, bits);
        using var convolution = Conv2d.Create(device, g, count);
        Tensor<float> dWeight = Values.Output(device, g.WeightLength);
        convolution.BackwardWeight(Values.Unaligned(device, example.Input), Values.Unaligned(device, example.OutputGradient), dWeight, null, count);
        float[] actual = dWeight.ToArray();
        for (int i = 0; i < actual.Length; i++)
        {
            (int filter, int channel, int row, int column) = (i / (g.Channels * size * size), i / (size * size) % g.Channels, i / size % size, i % size);
            float total = 0;
            for (int group = 0; group < groups; group++)
            {
                total += GroupSum(group, filter, channel, row, column);
            }

            Assert.Equal(total, actual[i]);
        }

        float GroupSum(int group, int filter, int channel, int row, int column)
        {
            int height = Enumerable.Range(0, g.OutputHeight).Count(y => Inside((y * stride) + row - padding, g.Height));
            float sum = 0;
            for (int image = count * group / groups; image < count * (group + 1) / groups; image++)
            {
                foreach (WindowRun run in WindowAxis.Forward(g.Width, g.OutputWidth, size, stride, padding).Runs())
                {
                    // Along the longer side of the run.
                    bool down = run.Count < height;
                    for (int outer = 0; outer < (down ? run.Count : g.OutputHeight); outer++)
                    {
                        for (int inner = 0; inner < (down ? g.OutputHeight : run.Count); inner++)
                        {
                            (int y, int x) = down ? (inner, run.Index + outer) : (outer, run.Index + inner);
                            (int inputRow, int inputColumn) = ((y * stride) + row - padding, (x * stride) + column - padding);
                            if (Inside(inputRow, g.Height) && Inside(inputColumn, g.Width))
                            {
                                sum = float.MultiplyAddEstimate(
                                    example.Input[(((((image * g.Height) + inputRow) * g.Width) + inputColumn) * g.Channels) + channel],
                                    example.OutputGradient[(((((image * g.OutputHeight) + y) * g.OutputWidth) + x) * g.Filters) + filter],
                                    sum);
                            }
                        }
                    }
                }
            }

            return sum;
        }

        static bool Inside(int place, int extent) => place >= 0 && place < extent;
    }

    [Theory]
    [InlineData(5, 33, 2, 37)]
    [InlineData(32, 16, 1, 1)]
    [InlineData(32, 40, 2, 19)]
    public void EveryResult_OneToThreeThreads_IsBitIdentical(int channels, int filters, int stride, int count)
    {
        Conv2dGeometry geometry = new(15, 17, channels, filters, 3, stride, 1);
        var example = Example.Of(geometry, count);
        float[][] expected = Run(1);
        Assert.Equal(expected, Run(2));
        Assert.Equal(expected, Run(3));

        float[][] Run(int threads)
        {
            using SimdDevice device = new(threads);
            using var convolution = Conv2d.Create(device, geometry, count);
            Tensor<float> x = Values.Unaligned(device, example.Input);
            Tensor<float> dy = Values.Unaligned(device, example.OutputGradient);
            Tensor<float> weight = Values.Unaligned(device, example.Weight);
            Tensor<float> bias = Values.Unaligned(device, example.Bias);
            Tensor<float> y = Values.Output(device, dy.Length);
            Tensor<float> dx = Values.Output(device, x.Length);
            Tensor<float> dWeight = Values.Output(device, weight.Length);
            Tensor<float> dBias = Values.Output(device, bias.Length);
            convolution.Forward(x, weight, bias, relu: true, y, count);
            convolution.BackwardInput(dy, weight, dx, count);
            convolution.BackwardWeight(x, dy, dWeight, dBias, count);
            return [y.ToArray(), dx.ToArray(), dWeight.ToArray(), dBias.ToArray()];
        }
    }

    [Theory]
    [InlineData(512)]
    [InlineData(256)]
    [InlineData(128)]
    [InlineData(32)]
    public void Forward_NaNInInput_StaysThroughRelu(int bits)
    {
        using SimdDevice device = new(threads: 1, bits);
        Conv2dGeometry geometry = new(4, 4, 2, 40, 1, 1, 0);
        using var convolution = Conv2d.Create(device, geometry, 1);
        var example = Example.Of(geometry, 1);
        float[] x = [.. example.Input];
        x[2 * 5] = float.NaN;
        Tensor<float> y = Values.Output(device, geometry.OutputLength);
        convolution.Forward(Values.Unaligned(device, x), Values.Unaligned(device, example.Weight), null, relu: true, y, 1);
        Assert.All(y.ToArray().Select((value, index) => (value, index)), e => Assert.Equal(e.index / 40 == 5, float.IsNaN(e.value)));
    }

    [Fact]
    public void Calls_AfterTheFirst_AllocateNothing()
    {
        using SimdDevice device = new(threads: 1);
        Conv2dGeometry geometry = new(8, 8, 3, 17, 3, 2, 1);
        using var convolution = Conv2d.Create(device, geometry, 4);
        var example = Example.Of(geometry, 4);
        Tensor<float> x = Values.Unaligned(device, example.Input);
        Tensor<float> dy = Values.Unaligned(device, example.OutputGradient);
        Tensor<float> weight = Values.Unaligned(device, example.Weight);
        Tensor<float> bias = Values.Unaligned(device, example.Bias);
        Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step()
        {
            convolution.Forward(x, weight, bias, relu: true, dy, 4);
            convolution.BackwardWeight(x, dy, weight, bias, 4);
            convolution.BackwardInput(dy, weight, x, 4);
        }
    }

    /// <summary>Random inputs of a geometry and what the reference makes of them, computed once for all widths.</summary>
    private sealed class Example(Conv2dGeometry geometry, int count)
    {
        private static readonly ConcurrentDictionary<(Conv2dGeometry Geometry, int Count), Example> Known = new();

        private readonly Lazy<double[]> _y = new(() => ReferenceConv2d.Forward(geometry, X(geometry, count), Weights(geometry), count));
        private readonly Lazy<double[]> _dx = new(() => ReferenceConv2d.BackwardInput(geometry, Gradient(geometry, count), Weights(geometry), count));
        private readonly Lazy<double[]> _dWeight = new(() => ReferenceConv2d.BackwardWeight(geometry, X(geometry, count), Gradient(geometry, count), count));

        public float[] Input { get; } = X(geometry, count);

        public float[] Weight { get; } = Weights(geometry);

        public float[] Bias { get; } = Values.Random(3, geometry.Filters);

        public float[] OutputGradient { get; } = Gradient(geometry, count);

        public double[] InputGradient => _dx.Value;

        public double[] WeightGradient => _dWeight.Value;

        public static Example Of(Conv2dGeometry geometry, int count) =>
            Known.GetOrAdd((geometry, count), key => new Example(key.Geometry, key.Count));

        public double[] Output(float[]? bias, bool relu) =>
            [.. _y.Value.Select((v, i) => v + (bias?[i % geometry.Filters] ?? 0)).Select(v => relu ? Math.Max(v, 0) : v)];

        private static float[] X(Conv2dGeometry geometry, int count) => Values.Random(1, count * geometry.InputLength);

        private static float[] Weights(Conv2dGeometry geometry) => Values.Random(2, geometry.WeightLength);

        private static float[] Gradient(Conv2dGeometry geometry, int count) => Values.Random(4, count * geometry.OutputLength);
    }
}
