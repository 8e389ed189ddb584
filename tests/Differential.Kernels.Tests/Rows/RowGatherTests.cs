using Differential.Kernels.Devices;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Rows;

public class RowGatherTests
{
    public static TheoryData<string, int> Rows => TestDevices.With(1, 3, 15, 16, 17, 443, 10_007);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Gather_Bytes_AreTheFloatsNearestToTheirShareOf255(string deviceName, int length)
    {
        byte[] values = [.. Enumerable.Range(0, 5 * length).Select(i => (byte)(i * 37))];
        int[] picked = [4, 0, 4, 2];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using RowGather gather = RowGather.Create(device);
        using Tensor<byte> x = device.Allocate<byte>(new Shape(5, length));
        using Tensor<int> rows = device.Allocate<int>(new Shape(picked.Length));
        using Tensor<float> y = device.Unset(picked.Length * length);
        x.Write(values);
        rows.Write(picked);
        gather.Gather(x, rows, y, length, picked.Length);
        Assert.Equal(picked.SelectMany(r => values.Skip(r * length).Take(length)).Select(v => (float)(v / 255.0)), y.ToArray());
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Scatter_OfGatheredRows_PutsThemBack(string deviceName, int length)
    {
        float[] values = Numbers.Normal(3, 4 * length);
        int[] picked = [3, 0, 2];
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using RowGather gather = RowGather.Create(device);
        using Tensor<float> x = device.Tensor(values);
        using Tensor<int> rows = device.Allocate<int>(new Shape(picked.Length));
        using Tensor<float> taken = device.Unset(picked.Length * length);
        using Tensor<float> y = device.Allocate(new Shape(4 * length));
        rows.Write(picked);
        gather.Gather(x, rows, taken, length, picked.Length);
        Assert.Equal(picked.SelectMany(r => values.Skip(r * length).Take(length)), taken.ToArray());
        gather.Scatter(taken, rows, y, length, picked.Length);
        Assert.Equal(values.Select((v, i) => i / length == 1 ? 0 : v), y.ToArray());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Gather_IndexOutsideTheTensor_IsRefused(int row)
    {
        using var device = new SimdDevice(threads: 1);
        using RowGather gather = RowGather.Create(device);
        using Tensor<float> x = device.Unset(6);
        using Tensor<int> rows = device.Allocate<int>(new Shape(1));
        using Tensor<float> y = device.Unset(2);
        rows.Write([row]);
        Assert.Throws<ArgumentOutOfRangeException>(() => gather.Gather(x, rows, y, 2, 1));
    }
}
