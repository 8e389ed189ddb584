using Differential.Kernels.Devices;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Rows;

public class ChannelOrderTests
{
    public static TheoryData<string, (int Count, int Pixels, int Channels)> Rows =>
        TestDevices.With((1, 1, 1), (2, 7, 3), (3, 17, 16), (1, 15, 33), (5, 443, 3), (130, 64, 5));

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void ToChannelsFirst_AndBack_MovesEachElementToItsPlace(string deviceName, (int Count, int Pixels, int Channels) size)
    {
        (int count, int pixels, int channels) = size;
        float[] values = [.. Enumerable.Range(0, count * pixels * channels).Select(i => (float)i)];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using ChannelOrder order = ChannelOrder.Create(device, pixels, channels);
        using Tensor<float> last = device.Tensor(values);
        using Tensor<float> first = device.Unset(values.Length);
        using Tensor<float> back = device.Unset(values.Length);
        order.ToChannelsFirst(last, first, count);
        order.ToChannelsLast(first, back, count);
        float[] moved = first.ToArray();
        for (int i = 0; i < moved.Length; i++)
        {
            int image = i / (pixels * channels);
            int channel = i / pixels % channels;
            int pixel = i % pixels;
            Assert.Equal(values[(((image * pixels) + pixel) * channels) + channel], moved[i]);
        }

        Assert.Equal(values, back.ToArray());
    }
}
