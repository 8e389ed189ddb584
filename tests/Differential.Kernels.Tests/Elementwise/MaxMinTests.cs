using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Elementwise;

public class MaxMinTests
{
    public static TheoryData<string, int> Rows => TestDevices.With(2, 6, 14, 16, 18, 442, 70_002);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Forward_AwkwardLength_SortsEachPairAndWritesNothingElse(string deviceName, int length)
    {
        float[] values = Numbers.Normal(1, length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using MaxMin maxMin = MaxMin.Create(device);
        using Tensor<float> x = device.Tensor(values);
        using Tensor<float> guarded = device.Unset(length + 2);
        maxMin.Forward(x, guarded.Slice(1, new Shape(length)), length);
        Assert.Equal([float.NaN, .. values.Chunk(2).SelectMany(pair => pair.OrderDescending()), float.NaN], guarded.ToArray());
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Backward_InPlace_PutsTheExchangedPairsBack(string deviceName, int length)
    {
        float[] values = [.. Numbers.Normal(1, length).Select((value, i) => i % 6 < 2 ? 1 : value)];
        float[] dy = Numbers.Normal(2, length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using MaxMin maxMin = MaxMin.Create(device);
        using Tensor<float> x = device.Tensor(values);
        using Tensor<float> gradient = device.Tensor(dy);
        maxMin.Backward(x, gradient, gradient, length);

        // Of the equal pairs, one in three, each keeps its place.
        Assert.Equal(dy.Select((_, i) => dy[values[i | 1] > values[i & ~1] ? i ^ 1 : i]), gradient.ToArray());
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Forward_InPlaceWithNaN_KeepsIt(string deviceName, int length)
    {
        float[] values = Numbers.Normal(3, length);
        values[length / 2] = float.NaN;
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using MaxMin maxMin = MaxMin.Create(device);
        using Tensor<float> x = device.Tensor(values);
        maxMin.Forward(x, x, length);
        float[] sorted = x.ToArray();
        Assert.Equal(values.Order(), sorted.Order());
        Assert.True(float.IsNaN(sorted[length / 2]));
    }

    [Fact]
    public void Forward_OddLength_Throws()
    {
        using DeviceLease lease = TestDevices.Open("simd");
        ComputeDevice device = lease.Device;
        using MaxMin maxMin = MaxMin.Create(device);
        using Tensor<float> x = device.Tensor(1, 2, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => maxMin.Forward(x, x, 3));
    }
}
