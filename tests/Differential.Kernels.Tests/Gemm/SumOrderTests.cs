using System.Runtime.Intrinsics;
using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Gemm;
using Differential.Kernels.Simd;
using Differential.Kernels.Tests.Reference;

namespace Differential.Kernels.Tests.Gemm;

/// <summary>
/// The SIMD device adds in the orders of <see cref="SimdSums"/>, written out here, to the bit: certificates count the roundings of these orders. A kernel whose chains
/// are longer, or other ones, fails.
/// </summary>
public sealed class SumOrderTests
{
    public static TheoryData<int, int, int, int> DenseRows { get; } = AtEveryWidth((1, 1, 1), (3, 2, 5), (17, 16, 1), (64, 1, 9), (300, 10, 53), (1024, 2, 3), (1025, 3, 2), (2100, 5, 33), (4096, 18, 1));

    public static TheoryData<int, int, int, int> ConvolutionRows { get; } = AtEveryWidth((1, 1, 1), (3, 16, 1), (5, 17, 2), (16, 33, 1), (32, 3, 2));

    [SkippableTheory]
    [MemberData(nameof(DenseRows))]
    public void Dense_EveryWidth_AddsLanesOfEachBlock(int inputs, int outputs, int count, int bits)
    {
        using SimdDevice device = Open(bits);
        using var dense = Dense.Create(device, inputs, outputs, count);
        float[] x = Spread(1, count * inputs);
        float[] weight = Spread(2, outputs * inputs);
        float[] bias = Spread(3, outputs);
        Tensor<float> y = Values.Output(device, count * outputs);
        dense.Forward(Values.Unaligned(device, x), Values.Unaligned(device, weight), Values.Unaligned(device, bias), relu: false, y, count);

        float[] expected = [.. Enumerable.Range(0, count * outputs).Select(i => Sum(x.AsSpan(i / outputs * inputs, inputs), weight.AsSpan(i % outputs * inputs, inputs), bias[i % outputs], bits))];
        Assert.Equal(expected, y.ToArray());
    }

    [SkippableTheory]
    [MemberData(nameof(ConvolutionRows))]
    public void Convolution_EveryWidth_AddsTapsAndChannelsInOrder(int channels, int filters, int stride, int bits)
    {
        var geometry = new Conv2dGeometry(7, 9, channels, filters, 3, stride, 1);
        const int count = 2;
        foreach (int threads in (int[])[1, 3])
        {
            using SimdDevice device = Open(bits, threads);
            using var convolution = Conv2d.Create(device, geometry, count);
            float[] x = Spread(4, count * geometry.InputLength);
            float[] weight = Spread(5, geometry.WeightLength);
            float[] bias = Spread(6, filters);
            Tensor<float> y = Values.Output(device, count * geometry.OutputLength);
            convolution.Forward(Values.Unaligned(device, x), Values.Unaligned(device, weight), Values.Unaligned(device, bias), relu: false, y, count);

            float[] expected = [.. Enumerable.Range(0, count * geometry.OutputLength).Select(i => Sum(geometry, x.AsSpan(i / geometry.OutputLength * geometry.InputLength, geometry.InputLength), weight, bias, i % geometry.OutputLength))];
            Assert.Equal(expected, y.ToArray());
        }
    }

    [Fact]
    public void Lanes_AreThoseOfEveryProcessor() => Assert.Equal([128, 256, 512], SimdSums.Lanes.ToArray().Select(static lanes => 32 * lanes));

    private static float Sum(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float bias, int bits)
    {
        float output = bias;
        int width = bits / 32;
        var lanes = new float[width];
        for (int from = 0; from < x.Length; from += 1024)
        {
            int length = Math.Min(1024, x.Length - from);
            Array.Clear(lanes);
            int k = 0;
            for (; k <= length - width; k += width)
            {
                for (int lane = 0; lane < width; lane++)
                {
                    lanes[lane] = float.MultiplyAddEstimate(x[from + k + lane], weight[from + k + lane], lanes[lane]);
                }
            }

            float sum = bits switch
            {
                512 => Vector512.Sum(Vector512.Create(lanes)),
                256 => Vector256.Sum(Vector256.Create(lanes)),
                128 => Vector128.Sum(Vector128.Create(lanes)),
                _ => lanes[0],
            };
            for (; k < length; k++)
            {
                sum = float.MultiplyAddEstimate(x[from + k], weight[from + k], sum);
            }

            output += sum;
        }

        return output;
    }

    private static float Sum(Conv2dGeometry g, ReadOnlySpan<float> x, float[] weight, float[] bias, int output)
    {
        (int pixel, int filter) = (output / g.Filters, output % g.Filters);
        (int top, int left) = ((pixel / g.OutputWidth * g.Stride) - g.Padding, (pixel % g.OutputWidth * g.Stride) - g.Padding);
        float sum = bias[filter];
        for (int tap = 0; tap < g.Size * g.Size; tap++)
        {
            (int row, int column) = (top + (tap / g.Size), left + (tap % g.Size));
            for (int channel = 0; channel < g.Channels && row >= 0 && row < g.Height && column >= 0 && column < g.Width; channel++)
            {
                sum = float.MultiplyAddEstimate(x[(((row * g.Width) + column) * g.Channels) + channel], weight[(((filter * g.Channels) + channel) * g.Size * g.Size) + tap], sum);
            }
        }

        return sum;
    }

    /// <summary>Values of many sizes and of both signs: another order gives other bits.</summary>
    private static float[] Spread(int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(((random.NextDouble() * 2) - 1) * Math.Pow(10, random.NextDouble() * 3)))];
    }

    private static SimdDevice Open(int bits, int threads = 2)
    {
        var device = new SimdDevice(threads, bits);
        bool narrower = device.VectorBits != bits;
        if (narrower)
        {
            device.Dispose();
        }

        Skip.If(narrower, $"{bits} bits: this processor has no vectors of that width");
        return device;
    }

    private static TheoryData<int, int, int, int> AtEveryWidth(params (int A, int B, int C)[] rows)
    {
        TheoryData<int, int, int, int> cases = [];
        foreach ((int a, int b, int c) in rows)
        {
            foreach (int bits in (int[])[512, 256, 128, 32])
            {
                cases.Add(a, b, c, bits);
            }
        }

        return cases;
    }
}
