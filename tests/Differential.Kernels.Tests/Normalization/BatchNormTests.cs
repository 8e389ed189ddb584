using Differential.Kernels.Devices;
using Differential.Kernels.Normalization;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Normalization;

/// <summary>What golden files do not show: sums of many blocks, channels far from 0, and threads.</summary>
public class BatchNormTests
{
    public static TheoryData<string, int> Rows => TestDevices.With(1, 63, 64, 65, 1_000);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void ForwardTrain_ChannelsFarFromZero_HaveMeanBiasAndDeviationWeight(string deviceName, int rows)
    {
        const int Channels = 5;
        float[] values = [.. Numbers.Normal(1, rows * Channels, 0.01).Select((value, i) => value + (100 * (i % Channels)))];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using BatchNorm norm = BatchNorm.Create(device, new BatchNormGeometry(Channels, rows, 0.25f, 1e-12f));
        using Tensor<float> x = device.Tensor(values);
        using Tensor<float> y = device.Unset(values.Length + 2);
        using Layer layer = new(device, Channels);
        norm.ForwardTrain(x, layer.Values, y.Slice(1, new Shape(values.Length)), rows, relu: false);
        float[] all = y.ToArray();
        Assert.True(float.IsNaN(all[0]) && float.IsNaN(all[^1]));
        for (int c = 0; c < Channels; c++)
        {
            double[] column = [.. Enumerable.Range(0, rows).Select(row => (double)values[(row * Channels) + c])];
            double mean = column.Average();
            double variance = column.Average(value => (value - mean) * (value - mean));
            double[] result = [.. Enumerable.Range(0, rows).Select(row => (double)all[1 + (row * Channels) + c])];

            // float32 holds a mean near 400 to 1.5e-5, which is 0.0015 of the spread.
            Assert.Equal(0.5, result.Average(), 1e-2);
            Assert.Equal(rows > 1 ? 2 : 0, Math.Sqrt(result.Average(value => (value - 0.5) * (value - 0.5))), 1e-2);
            Assert.Equal(0.25 * mean, layer.Values.RunningMean.ToArray()[c], 1e-6 * (1 + mean));
            Assert.Equal(0.75 + (0.25 * variance * rows / Math.Max(rows - 1, 1)), layer.Values.RunningVariance.ToArray()[c], 1e-6);
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Pass_OnMoreThreads_HasTheSameBits(int bits)
    {
        const int Channels = 19;
        const int RowCount = 3_000;
        float[][] results = [.. ((int[])[1, 2, 3]).Select(threads =>
        {
            using var device = new SimdDevice(threads, bits);
            using BatchNorm norm = BatchNorm.Create(device, new BatchNormGeometry(Channels, RowCount, 0.1f, 1e-5f));
            using Tensor<float> x = device.Tensor(Numbers.Normal(1, RowCount * Channels));
            using Tensor<float> dy = device.Tensor(Numbers.Normal(2, RowCount * Channels));
            using Tensor<float> y = device.Unset(x.Length);
            using Tensor<float> dx = device.Unset(x.Length);
            using Tensor<float> gradients = device.Unset(2 * Channels);
            using Layer layer = new(device, Channels);
            norm.ForwardTrain(x, layer.Values, y, RowCount, relu: true);
            norm.BackwardParameters(x, dy, gradients.Slice(0, new Shape(Channels)), gradients.Slice(Channels, new Shape(Channels)), RowCount);
            norm.BackwardInput(x, dy, layer.Values.Weight, dx, RowCount);
            return (float[])[.. y.ToArray(), .. dx.ToArray(), .. gradients.ToArray(), .. layer.Values.RunningVariance.ToArray()];
        })];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Theory]
    [InlineData(0, 1, 0.1f, 1e-5f)]
    [InlineData(1, 0, 0.1f, 1e-5f)]
    [InlineData(1, 1, 1.5f, 1e-5f)]
    [InlineData(1, 1, 0.1f, 0f)]
    public void Create_NumberOutOfItsRange_Throws(int channels, int rows, float momentum, float epsilon)
    {
        using var device = new SimdDevice(threads: 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchNorm.Create(device, new BatchNormGeometry(channels, rows, momentum, epsilon)));
    }

    /// <summary>Weight 2, bias 0.5, running mean 0 and variance 1.</summary>
    private sealed class Layer : IDisposable
    {
        public Layer(ComputeDevice device, int channels)
        {
            Values = new(device.Allocate(new Shape(channels)), device.Allocate(new Shape(channels)), device.Allocate(new Shape(channels)), device.Allocate(new Shape(channels)));
            Values.Weight.Fill(2);
            Values.Bias.Fill(0.5f);
            Values.RunningVariance.Fill(1);
        }

        public BatchNormValues Values { get; }

        public void Dispose()
        {
            Values.Weight.Dispose();
            Values.Bias.Dispose();
            Values.RunningMean.Dispose();
            Values.RunningVariance.Dispose();
        }
    }
}
