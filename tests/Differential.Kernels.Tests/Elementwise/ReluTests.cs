using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Elementwise;

public class ReluTests
{
    private const int LengthOfSeveralChunks = 70_001;

    public static TheoryData<string, int> Rows => TestDevices.With([.. Numbers.Lengths, LengthOfSeveralChunks]);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Forward_AwkwardLength_TakesNegativesAwayAndWritesNothingElse(string deviceName, int length)
    {
        float[] values = Numbers.Normal(1, length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Relu relu = Relu.Create(device);
        using Tensor<float> x = device.Tensor(values);
        using Tensor<float> guarded = device.Unset(length + 2);
        relu.Forward(x, guarded.Slice(1, new Shape(length)), length);
        Assert.Equal([float.NaN, .. values.Select(v => v > 0 ? v : 0), float.NaN], guarded.ToArray());
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Backward_InPlace_PassesWhereTheOutputIsPositive(string deviceName, int length)
    {
        float[] y = [.. Numbers.Normal(1, length).Select(v => MathF.Max(v, 0))];
        float[] dy = Numbers.Normal(2, length);
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Relu relu = Relu.Create(device);
        using Tensor<float> output = device.Tensor(y);
        using Tensor<float> gradient = device.Tensor(dy);
        relu.Backward(output, gradient, gradient, length);
        Assert.Equal(dy.Zip(y, (g, v) => v > 0 ? g : 0), gradient.ToArray());
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Forward_NaN_StaysNaN(string deviceName, int length)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Relu relu = Relu.Create(device);
        using Tensor<float> x = device.Unset(length);
        relu.Forward(x, x, length);
        Assert.All(x.ToArray(), v => Assert.True(float.IsNaN(v)));
    }
}
