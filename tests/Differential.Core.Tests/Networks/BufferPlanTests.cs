using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

/// <summary>How many buffers gradients and activations live in.</summary>
public sealed class BufferPlanTests
{
    [Fact]
    public void Place_AChain_TakesTwoBuffersInTurn()
    {
        var plan = new BufferPlan();
        int[] lengths = [1, 128, 4_096, 8_192, 16_384, 16_384, 32_768, 32_768];
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], lengths.Select((length, i) => plan.Place(length, i, i + 1)));
        Assert.Equal([32_768, 32_768], plan.Lengths);
    }

    [Fact]
    public void Place_ABranchThatStaysOpen_TakesOneMore()
    {
        var plan = new BufferPlan();
        Assert.Equal([0, 1, 2, 0, 2, 0], ((int First, int Last)[])[(0, 1), (1, 5), (1, 2), (2, 3), (3, 4), (4, 5)] is var lives ? lives.Select(life => plan.Place(10, life.First, life.Last)) : []);
        Assert.Equal([10, 10, 10], plan.Lengths);
    }

    [Fact]
    public void Place_SeveralFreeBuffers_TakesTheSmallestThatIsLargeEnough()
    {
        var plan = new BufferPlan();
        plan.Place(100, 0, 0);
        plan.Place(20, 0, 0);
        plan.Place(50, 0, 0);
        Assert.Equal(2, plan.Place(40, 1, 1));
        Assert.Equal(0, plan.Place(200, 1, 1));
        Assert.Equal([200, 20, 50], plan.Lengths);
    }

    /// <summary>What a plan for training holds beside the kept activations and the workspaces of its layers.</summary>
    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 3)]
    public void Plan_ForTraining_HasTwoGradientsOfAChainAndOneMoreOfAResidualBlock(bool residual, int gradients)
    {
        // Layers without workspaces, so that what is allocated is known.
        LayerOptions[] block = [new MaxMinOptions(), new ReluOptions(), new MaxMinOptions()];
        LayerOptions[] layers = [new DenseOptions { Units = 64 }, .. residual ? [new ResidualOptions { Layers = block }] : block, new MaxMinOptions(), new DenseOptions { Units = 1 }];
        long bytes = Bytes(layers);

        // The outputs of the first dense layer, of the ReLU, and the inputs of the last two layers: no gradient reads those of a MaxMin in front of a ReLU or a sum.
        long kept = 4 * 64L * sizeof(float) * Batch;
        long scores = sizeof(float) * Batch;
        long workspaces = Bytes([new DenseOptions { Units = 64 }, new DenseOptions { Units = 1 }]) - ((64L + 1 + 64) * sizeof(float) * Batch);
        long expected = kept + scores + (gradients * 64L * sizeof(float) * Batch) + workspaces;

        // Each allocation is rounded up a little.
        Assert.InRange(bytes, expected, expected + 1_024);
    }

    private const int Batch = 16;

    private static long Bytes(LayerOptions[] layers)
    {
        using var device = new SimdDevice(threads: 1);
        var shape = new Shape(8);
        using var network = new Network(device, NetworkArchitecture.Create(shape, layers), InputNormalization.None(shape));
        long before = device.AllocatedBytes;
        using NetworkPlan plan = network.Plan(Batch, PlanPurpose.Training);
        return device.AllocatedBytes - before;
    }
}
