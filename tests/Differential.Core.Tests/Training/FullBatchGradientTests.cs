using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

public class FullBatchGradientTests
{
    public static TheoryData<LossOptions> Losses => [new DifferentialOptions(), new CrossEntropyOptions()];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Compute_InChunks_GivesTheLossAndGradientOfTheWhole(LossOptions loss)
    {
        DataSplits splits = ToyData.Images(23, 18);
        using var device = new SimdDevice(threads: 2);
        using Network network = ToyTraining.CreateNetwork(device, splits);
        network.Initialize(1);
        using var data = new SampleBatches(device, splits.Train);
        (float whole, float[] expected) = Compute(network, data, loss, chunk: 512);
        (float value, float[] actual) = Compute(network, data, loss, chunk: 9);
        Assert.Equal(whole, value, 1e-6f);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6f + (1e-5f * Math.Abs(pair.First))));
        Assert.Contains(expected, static element => Math.Abs(element) > 1e-3f);
    }

    private static (float Loss, float[] Gradient) Compute(Network network, SampleBatches data, LossOptions loss, int chunk)
    {
        using var source = new FullBatchGradient(network, data, loss, chunk);
        using Tensor<float> value = network.Device.Allocate(new Shape(1));
        source.Begin(1);
        Assert.Equal(41, source.Load(0));
        source.Compute(value, 41);
        return (value.ToArray()[0], network.ParameterGradients.ToArray());
    }
}
