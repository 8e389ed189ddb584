using CsCheck;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

/// <summary>Training steps whose activations are recomputed: the bits of those that keep them, in less memory.</summary>
public sealed class ActivationsTests
{
    private const int Batch = 20;

    private static readonly Gen<LayerOptions[]> ImageBlocks = Gen.OneOf(
        Gen.Const<LayerOptions[]>([new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions()]),
        Gen.Const<LayerOptions[]>([new ConvOptions { Filters = 4, Padding = 1, Bias = false }, new BatchNormOptions(), new ReluOptions()]),
        Gen.Const<LayerOptions[]>([new ConvOptions { Filters = 4, Padding = 1, Lipschitz = true }, new MaxMinOptions()]),
        Gen.Const<LayerOptions[]>([new DropoutOptions { Rate = 0.3 }, new LeakyReluOptions()]),
        Gen.Const<LayerOptions[]>([new ConvOptions { Filters = 4, Padding = 1 }, new ConvOptions { Filters = 4, Padding = 1 }]),
        Gen.Const<LayerOptions[]>([new ResidualOptions { Layers = [new ConvOptions { Filters = 4, Padding = 1, Bias = false }, new BatchNormOptions(), new ReluOptions(), new ConvOptions { Filters = 4, Padding = 1 }, new BatchNormOptions()] }, new ReluOptions()]),
        Gen.Const<LayerOptions[]>([new ResidualOptions { Layers = [new ConvOptions { Filters = 4, Padding = 1 }, new DropoutOptions { Rate = 0.2 }], Shortcut = [new ConvOptions { Filters = 4, Size = 1 }, new BatchNormOptions()] }, new ReluOptions()]),
        Gen.Const<LayerOptions[]>([new ResidualOptions { Layers = [new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions()], Share = 0.5 }]),
        Gen.Const<LayerOptions[]>([new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions(), new MaxPoolOptions { Size = 2, Stride = 1 }]));

    private static readonly Gen<LayerOptions[]> Networks =
        from blocks in ImageBlocks.Array[2, 5]
        from pool in Gen.OneOf(
            Gen.Const<LayerOptions[]>([new MaxPoolOptions()]), Gen.Const<LayerOptions[]>([new AveragePoolOptions(), new FlattenOptions()]), Gen.Const<LayerOptions[]>([new GlobalAveragePoolOptions()]))
        select (LayerOptions[])[new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions(), .. blocks.SelectMany(static block => block), .. pool, new DenseOptions { Units = 6 }, new ReluOptions(), new DenseOptions { Units = 1 }];

    [Fact]
    public void ParameterGradients_OfGeneratedNetworks_AreThoseOfKeptActivations()
    {
        using var device = new SimdDevice(threads: 1);
        Networks.Sample(
            layers =>
            {
                Run kept = Train(device, new Shape(9, 7, 3), layers, Activations.Kept, Batch), again = Train(device, new Shape(9, 7, 3), layers, Activations.Recomputed, Batch);
                Assert.Equal(kept.Scores, again.Scores);
                Assert.Equal(kept.Parameters, again.Parameters);
                Assert.Equal(kept.State, again.State);
                Assert.InRange(again.Bytes, 1, kept.Bytes + 4_096);
            },
            iter: 60,
            threads: 1);
    }

    /// <summary>The bits do not depend on how a batch's gradients come to their places: with a largest batch beyond the samples there are other parts.</summary>
    [Fact]
    public void ParameterGradients_OfAPlanForMoreSamples_AreTheSame()
    {
        using var device = new SimdDevice(threads: 1);
        Networks.Sample(
            layers => Assert.Equal(
                Train(device, new Shape(9, 7, 3), layers, Activations.Kept, Batch).Parameters,
                Train(device, new Shape(9, 7, 3), layers, Activations.Kept, 3 * Batch).Parameters),
            iter: 30,
            threads: 1);
    }

    [SkippableTheory]
    [InlineData("ilgpu-cpu")]
    [InlineData("opencl")]
    [InlineData("cuda")]
    public void ParameterGradients_OnOtherDevices_AreThoseOfKeptActivations(string name)
    {
        using ComputeDevice device = Devices.Open(name);
        LayerOptions[] layers =
        [
            new DenseOptions { Units = 4 }, new BatchNormOptions(), new ReluOptions(),
            new ResidualOptions { Layers = [new DenseOptions { Units = 4 }, new BatchNormOptions(), new ReluOptions(), new DenseOptions { Units = 4 }, new DropoutOptions { Rate = 0.3 }] }, new ReluOptions(),
            new DenseOptions { Units = 4 }, new BatchNormOptions(), new ReluOptions(), new DenseOptions { Units = 1 },
        ];
        Run kept = Train(device, new Shape(3), layers, Activations.Kept, 6), again = Train(device, new Shape(3), layers, Activations.Recomputed, 6);
        Assert.Equal(kept.Scores, again.Scores);
        Assert.Equal(kept.Parameters, again.Parameters);
        Assert.Equal(kept.State, again.State);
        Assert.Contains(kept.Parameters, static value => value != 0);
    }

    [Theory]
    [InlineData("cnn", 0.75)]
    [InlineData("lipschitz", 0.75)]
    [InlineData("resNet18", 0.6)]
    public void Plan_OfTheNetworksOfTheBenchmarks_TakesLess(string name, double share)
    {
        using var device = new SimdDevice(threads: 2);
        ModelOptions model = name switch { "cnn" => new CnnOptions(), "lipschitz" => new LipschitzOptions(), _ => new ResNet18Options() };
        long kept = Bytes(Activations.Kept), recomputed = Bytes(Activations.Recomputed);
        Assert.True(recomputed <= share * kept, $"{recomputed:N0} of {kept:N0} bytes");

        long Bytes(Activations activations)
        {
            using ComputeDevice planner = device.CreatePlanner();
            using var network = new Network(planner, NetworkArchitecture.Create(new Shape(32, 32, 3), model.LayerList), InputNormalization.None(new Shape(32, 32, 3)));
            long before = planner.HeldBytes;
            using NetworkPlan plan = network.Plan(64, PlanPurpose.Training, activations);
            return planner.PeakBytes - before;
        }
    }

    [Fact]
    public void ParameterGradients_TwiceAfterAPass_Throws()
    {
        using var device = new SimdDevice(threads: 1);
        LayerOptions[] layers = [new DenseOptions { Units = 8 }, new LeakyReluOptions(), new DenseOptions { Units = 8 }, new LeakyReluOptions(), new DenseOptions { Units = 8 }, new LeakyReluOptions(), new DenseOptions { Units = 1 }];
        using var network = new Network(device, NetworkArchitecture.Create(new Shape(8), layers), InputNormalization.None(new Shape(8)));
        network.Initialize(1);
        using NetworkPlan plan = network.Plan(2, PlanPurpose.Training, Activations.Recomputed);
        using Tensor<float> x = device.Allocate(new Shape(2, 8)), dScores = device.Allocate(new Shape(2));
        plan.Forward(x, 2, PassMode.Train);
        plan.ParameterGradients(dScores, 2);
        Assert.Throws<InvalidOperationException>(() => plan.ParameterGradients(dScores, 2));
    }

    /// <summary>Some steps of SGD on random samples; the last with fewer of them.</summary>
    private static Run Train(ComputeDevice device, Shape shape, LayerOptions[] layers, Activations activations, int maxBatch)
    {
        int batch = Math.Min(maxBatch, Batch);
        using var network = new Network(device, NetworkArchitecture.Create(shape, layers), InputNormalization.None(shape));
        network.Initialize(3);
        long before = device.HeldBytes;
        using NetworkPlan plan = network.Plan(maxBatch, PlanPurpose.Training, activations);
        long bytes = device.HeldBytes - before;
        using Optimizer optimizer = new SgdOptions { Momentum = 0.9 }.CreateOptimizer(network);
        using Tensor<float> x = device.Allocate(shape.Batched(batch)), dScores = device.Allocate(new Shape(batch)), loss = device.Allocate(new Shape(1));
        var random = new RandomStream(7, "samples");
        var scores = new List<float>();
        for (int step = 0; step < 3; step++)
        {
            int count = step == 2 ? batch - 3 : batch;
            x.Write([.. Enumerable.Range(0, x.Length).Select(_ => (float)random.NextNormal())]);
            dScores.Write([.. Enumerable.Range(0, batch).Select(_ => (float)random.NextNormal() / batch)]);
            plan.Draw(5, step);
            optimizer.Prepare(0.05f);
            scores.AddRange(plan.Forward(x, count, PassMode.Train).ToArray().Take(count));
            plan.ParameterGradients(dScores, count);
            optimizer.Step(loss);
        }

        scores.AddRange(plan.Forward(x, batch).ToArray().Take(batch));
        return new Run([.. scores], network.ParameterValues.ToArray(), network.StateValues?.ToArray() ?? [], bytes);
    }

    private sealed record Run(float[] Scores, float[] Parameters, float[] State, long Bytes);
}
