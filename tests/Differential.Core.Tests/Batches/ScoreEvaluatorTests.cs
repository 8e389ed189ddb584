using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Batches;

public sealed class ScoreEvaluatorTests
{
    [Fact]
    public void BatchFor_LayersBeyondOneTensor_AreEvaluatedInSmallerBatches()
    {
        // 600 · 192 · 192 outputs of an image, 128 times, are more than one tensor holds. Nothing is computed.
        var shape = new Shape(192, 192, 1);
        Dataset data = Dataset.OfImages(shape, [.. Enumerable.Range(0, 128).Select(static i => (sbyte)(i % 2 == 0 ? 1 : -1))], new byte[128 * shape.Length]);
        using var device = new SimdDevice(threads: 1);
        using var network = new Network(
            device,
            NetworkArchitecture.Create(shape, [new ConvOptions { Filters = 600, Padding = 1 }, new MaxPoolOptions { Size = 192 }, new DenseOptions { Units = 1 }]),
            InputNormalization.None(shape));

        Assert.InRange(ScoreEvaluator.BatchFor(network, data), 1, 64);
    }

    [Fact]
    public void BatchOn_AGpu_IsLargerThanElsewhere()
    {
        var cpu = new DeviceInfo(DeviceKind.Simd, "simd", "a CPU", 0, string.Empty);
        Assert.Equal(ScoreEvaluator.DefaultBatch, ScoreEvaluator.BatchOn(cpu));
        Assert.Equal(ScoreEvaluator.GpuBatch, ScoreEvaluator.BatchOn(cpu with { IsGpu = true }));
    }
}
