using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Elementwise;

public class ChannelAffineTests
{
    /// <summary>Channels and pixels: repeated means, means longer than that, several chunks.</summary>
    public static TheoryData<string, (int Channels, int Pixels)> Rows =>
        TestDevices.With((1, 1), (3, 5), (3, 443), (17, 17), (64, 3), (65, 7), (100, 1), (3, 30_011));

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Forward_AwkwardSize_RemovesTheChannelsMeanAndScales(string deviceName, (int Channels, int Pixels) size)
    {
        int length = size.Channels * size.Pixels;
        float[] values = Numbers.Normal(1, length);
        float[] means = Numbers.Normal(2, size.Channels);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using ChannelAffine affine = ChannelAffine.Create(device);
        using Tensor<float> x = device.Tensor(values);
        using Tensor<float> mean = device.Tensor(means);
        using Tensor<float> y = device.Unset(length);
        affine.Forward(x, mean, 0.7f, y, length);
        Assert.Equal(values.Select((v, i) => (v - means[i % size.Channels]) * 0.7f), y.ToArray());
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Backward_InPlace_Scales(string deviceName, (int Channels, int Pixels) size)
    {
        float[] values = Numbers.Normal(1, size.Channels * size.Pixels);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using ChannelAffine affine = ChannelAffine.Create(device);
        using Tensor<float> dy = device.Tensor(values);
        affine.Backward(dy, 0.7f, dy, values.Length);
        Assert.Equal(values.Select(v => v * 0.7f), dy.ToArray());
    }
}
