using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Elementwise;

public class AdditionTests
{
    public static TheoryData<string, int> Rows => TestDevices.With(Numbers.Lengths);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Forward_AwkwardLengthInPlace_IsTheSumAndWritesNothingElse(string deviceName, int length)
    {
        float[] a = Numbers.Normal(1, length);
        float[] b = Numbers.Normal(2, length);
        b[length / 2] = float.NaN;
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Addition addition = Addition.Create(device);
        using Tensor<float> first = device.Tensor([float.NaN, .. a, float.NaN]);
        using Tensor<float> second = device.Tensor(b);
        Tensor<float> view = first.Slice(1, new Shape(length));
        addition.Forward(view, second, view, length);
        Assert.Equal([float.NaN, .. a.Zip(b, static (x, y) => x + y), float.NaN], first.ToArray());
        addition.Forward(view, second, view, length, relu: true);
        Assert.Equal(a.Zip(b, static (x, y) => x + y + y is var sum && sum < 0 ? 0 : x + y + y), view.ToArray());
    }
}
