using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Devices;

/// <summary>Work that is repeated, on every device: it sees what changed in device memory, and nothing may pass to or from the host.</summary>
public class DeviceGraphTests
{
    public static TheoryData<string> Names => [.. TestDevices.Names];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Run_SeveralTimes_SeesWhatTheDeviceHoldsEachTime(string deviceName)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Relu relu = Relu.Create(device);
        using Tensor<float> x = device.Allocate(new Shape(5));
        using Tensor<float> y = device.Allocate(new Shape(5));
        using Tensor<float> copy = device.Allocate(new Shape(5));
        using DeviceGraph graph = device.CreateGraph();
        for (int i = 0; i < 5; i++)
        {
            x.Write([i, -1, i + 1, -i - 1, 7]);
            graph.Run(() =>
            {
                relu.Forward(x, y, 5);
                copy.CopyFrom(y, 4);
                y.Fill(3);
            });
            Assert.Equal([i, 0, i + 1, 0, 0], copy.ToArray());
            Assert.Equal([3, 3, 3, 3, 3], y.ToArray());
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Run_WorkThatNeedsTheHost_IsRefusedAndLeavesTheDeviceUsable(string deviceName)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using Tensor<float> x = device.Allocate(new Shape(2), [1f, 2f]);
        using DeviceGraph graph = device.CreateGraph();
        using DeviceGraph other = device.CreateGraph();
        using BatchUpload upload = BatchUpload.Create(device, 4);
        Action[] refused =
        [
            () => x.Write([1f]),
            () => x.ToArray(),
            () => device.Allocate(new Shape(1)).Dispose(),
            () => other.Run(() => x.Fill(0)),
            () => upload.Send(4),
        ];
        foreach (Action work in refused)
        {
            InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => graph.Run(work));
            Assert.Contains("cannot be part of a device graph", exception.Message, StringComparison.Ordinal);
        }

        Assert.Equal([1f, 2f], x.ToArray());
        graph.Run(() => x.Fill(4));
        Assert.Equal([4f, 4f], x.ToArray());
    }
}
