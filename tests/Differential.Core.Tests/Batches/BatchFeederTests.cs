using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Tests.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Batches;

/// <summary>Batches that are put together ahead are those that are put together when they are asked for.</summary>
public sealed class BatchFeederTests
{
    /// <summary>More than a ring of places holds.</summary>
    private const int Steps = 40;

    private static readonly Dataset Images = ToyData.Images(6, 5).Train;

    private static readonly int[] Missing = [999];

    private static readonly Dataset Points = ToyData.Points(6).Train;

    [SkippableTheory]
    [InlineData("simd", true)]
    [InlineData("simd", false)]
    [InlineData("ilgpu-cpu", true)]
    [InlineData("ilgpu-cpu", false)]
    [InlineData("opencl", true)]
    [InlineData("opencl", false)]
    [InlineData("cuda", true)]
    [InlineData("cuda", false)]
    public void Load_PreparedAheadOrNot_GivesTheSamplesChangedAlike(string name, bool images)
    {
        using ComputeDevice device = Devices.Open(name);
        Dataset data = images ? Images : Points;
        BatchAugmentation? changes = images ? new BatchAugmentation(data, new AugmentationOptions { Flip = true, Crop = 1 }, 7) : null;
        using var simd = new SimdDevice(threads: 1);
        using var plain = new BatchFeeder(simd, data, changes, 4);
        using var ahead = new BatchFeeder(device, data, changes, 4);
        using Tensor<float> expected = simd.Allocate(data.SampleShape.Batched(4));
        using Tensor<float> actual = device.Allocate(data.SampleShape.Batched(4));
        for (int step = 0; step < Steps; step++)
        {
            int[] samples = Samples(step);
            plain.Load(samples, step, expected);
            ahead.Load(samples, step, actual);

            // What is prepared for a step that is not asked for is dropped.
            int next = step % 5 == 3 ? step + 7 : step + 1;
            ahead.Prepare(Samples(next), next);
            int count = samples.Length * data.SampleShape.Length;
            Assert.Equal(expected.ToArray()[..count], actual.ToArray()[..count]);
        }
    }

    [SkippableTheory]
    [InlineData("ilgpu-cpu")]
    [InlineData("opencl")]
    [InlineData("cuda")]
    public void Load_WithoutWaitingBetween_KeepsTheBatchesApart(string name)
    {
        using ComputeDevice device = Devices.Open(name);
        using var feeder = new BatchFeeder(device, Images, null, 4);
        using Tensor<float> all = device.Allocate(new Shape(Steps, 4, 64));
        for (int step = 0; step < Steps; step++)
        {
            feeder.Load(Samples(step), step, all.Slice(step * 4 * 64, new Shape(4, 64)));
            feeder.Prepare(Samples(step + 1), step + 1);
        }

        float[] values = all.ToArray();
        for (int step = 0; step < Steps; step++)
        {
            int[] samples = Samples(step);
            for (int i = 0; i < samples.Length * 64; i++)
            {
                Assert.Equal(Images.Pixels![(samples[i / 64] * 64) + (i % 64)] / 255f, values[(step * 4 * 64) + i]);
            }
        }
    }

    [SkippableFact]
    public void Load_FailureAhead_SurfacesWhereTheBatchIsAskedFor()
    {
        using ComputeDevice device = Devices.Open("ilgpu-cpu");
        using var feeder = new BatchFeeder(device, Images, null, 4);
        using Tensor<float> batch = device.Allocate(new Shape(4, 8, 8, 1));
        feeder.Prepare(Missing, 5);
        Assert.Throws<ArgumentOutOfRangeException>(() => feeder.Load([999], 5, batch));
        feeder.Load([1], 6, batch);
    }

    private static int[] Samples(int step) => [.. Enumerable.Range(0, 1 + (step % 4)).Select(i => ((step * 5) + (i * 3)) % 11)];
}
