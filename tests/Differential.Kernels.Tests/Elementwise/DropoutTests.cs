using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Elementwise;

public class DropoutTests
{
    public static TheoryData<string, int> Rows => TestDevices.With(Numbers.Lengths);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Apply_AwkwardLength_DropsWhatTheHashSaysAndScalesTheRest(string deviceName, int length)
    {
        float[] values = Numbers.Normal(1, length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Dropout dropout = Dropout.Create(device);
        using Tensor<int> key = device.Allocate<int>(new Shape(Dropout.KeyLength));
        key.Write([-77, int.MaxValue]);
        using Tensor<float> x = device.Tensor([float.NaN, .. values, float.NaN]);
        Tensor<float> view = x.Slice(1, new Shape(length));
        dropout.Apply(view, key, 0.25, view, length);
        float scale = (float)(1 / 0.75);
        Assert.Equal(
            [float.NaN, .. values.Select((value, i) => DropoutOperator.Hash((uint)i, unchecked((uint)-77), int.MaxValue) < 0x40000000 ? 0 : value * scale), float.NaN],
            x.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Apply_ManyElementsAndKeys_DropsTheShareAskedForIndependently(double rate)
    {
        const int Length = 50_000;
        using var device = new SimdDevice(threads: 2);
        using Dropout dropout = Dropout.Create(device);
        using Tensor<int> key = device.Allocate<int>(new Shape(Dropout.KeyLength));
        using Tensor<float> x = device.Tensor([.. Enumerable.Repeat(1f, Length)]);
        using Tensor<float> y = device.Unset(Length);
        bool[][] kept = [.. ((int[])[0, 1, 1 << 20]).Select(number =>
        {
            key.Write([number, 5]);
            dropout.Apply(x, key, rate, y, Length);
            return y.ToArray().Select(static value => value != 0).ToArray();
        })];
        double expected = 1 - rate;
        double tolerance = (5 * Math.Sqrt(rate * expected / Length)) + 1e-12;
        Assert.All(kept, mask => Assert.Equal(expected, mask.Average(static stays => stays ? 1.0 : 0), tolerance));

        // Neighbours, and the same element under neighbouring keys, are dropped independently of one another.
        Assert.Equal(expected * expected, kept[0].Zip(kept[0].Skip(1)).Average(static pair => pair.First && pair.Second ? 1.0 : 0), 2 * tolerance);
        Assert.Equal(expected * expected, kept[0].Zip(kept[1]).Average(static pair => pair.First && pair.Second ? 1.0 : 0), 2 * tolerance);
    }
}
