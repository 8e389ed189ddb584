using Differential.Kernels.Devices;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Devices;

public class BatchUploadTests
{
    /// <summary>More than the ring has places.</summary>
    private const int Batches = 45;

    public static TheoryData<string, int> Rows => TestDevices.With(1, 3, 63, 64, 65, 443);

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Send_BatchAfterBatch_EachIsThereForTheWorkQueuedAfterIt(string deviceName, int length)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        long before = device.AllocatedBytes;
        using (BatchUpload upload = BatchUpload.Create(device, length))
        using (RowGather gather = RowGather.Create(device))
        using (Tensor<int> rows = device.Allocate<int>(new Shape(1)))
        using (Tensor<float> all = device.Allocate(new Shape(Batches, length)))
        {
            for (int batch = 0; batch < Batches; batch++)
            {
                int count = batch % 3 == 2 ? Math.Max(1, length / 2) : length;
                for (int i = 0; i < length; i++)
                {
                    upload.Host[i] = Value(batch, i);
                }

                gather.Gather(upload.Send(count), rows, all.Slice(batch * length, new Shape(count)), count, 1);
                if (batch == 20)
                {
                    device.Synchronize();
                }
            }

            float[] values = all.ToArray();
            for (int batch = 0; batch < Batches; batch++)
            {
                int count = batch % 3 == 2 ? Math.Max(1, length / 2) : length;
                Assert.All(Enumerable.Range(0, length), i => Assert.Equal(i < count ? Value(batch, i) / 255f : 0f, values[(batch * length) + i]));
            }
        }

        Assert.Equal(before, device.AllocatedBytes);
    }

    [SkippableTheory]
    [InlineData("simd")]
    [InlineData("ilgpu-cpu")]
    [InlineData("opencl")]
    public void Planner_AllocatesNothingAndCountsTheSame(string deviceName)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        (long held, long peak) planned = Count(device);
        long before = device.HeldBytes;
        using ComputeDevice planner = device.CreatePlanner();
        using (BatchUpload upload = BatchUpload.Create(planner, 1000))
        using (Tensor<float> tensor = planner.Allocate(new Shape(3), [1, 2, 3]))
        {
            tensor.Fill(2);
            Assert.Equal(before, device.HeldBytes);
            Assert.Equal(planned.held, planner.HeldBytes);
            Assert.Throws<InvalidOperationException>(() => tensor.ToArray());
        }

        Assert.Equal((0, planned.peak), (planner.HeldBytes, planner.PeakBytes));

        static (long Held, long Peak) Count(ComputeDevice device)
        {
            long before = device.HeldBytes;
            using BatchUpload upload = BatchUpload.Create(device, 1000);
            using Tensor<float> tensor = device.Allocate(new Shape(3), [1, 2, 3]);
            return (device.HeldBytes - before, device.HeldBytes - before);
        }
    }

    private static byte Value(int batch, int i) => (byte)((batch * 37) + (i * 11));
}
