using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

public sealed class ResNetTests
{
    public static TheoryData<ModelOptions, int, int> Sizes => new()
    {
        // As many as the usual implementations for CIFAR-10 have.
        { new ResNet18Options(), 10, 11_173_962 },
        { new ResNet18Options(), 1, 11_173_962 - (9 * 513) },
        { new ResNet9Options(), 10, 6_573_130 },
        { new ResNet9Options(), 1, 6_573_130 - (9 * 513) },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Create_OnCifar_HasTheUsualParameters(ModelOptions model, int scores, int parameters)
    {
        var architecture = NetworkArchitecture.Create(new Shape(32, 32, 3), model.LayersFor(scores), scores);
        Assert.Equal((parameters, scores, 512), (architecture.ParameterCount, architecture.Scores, architecture.FeatureCount));
        Assert.Equal(new Shape(32, 32, 64), architecture.Layers[2].Output);
        Assert.Equal(new Shape(4, 4, 512), architecture.Layers.First(static layer => layer is GlobalAveragePoolLayer).Input);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Forward_OfSmallImages_HasFiniteScoresAndGradients(int scores)
    {
        using var device = new SimdDevice(threads: 2);
        var shape = new Shape(8, 8, 3);
        foreach (ModelOptions model in (ModelOptions[])[new ResNet9Options(), new ResNet18Options()])
        {
            using var network = new Network(device, NetworkArchitecture.Create(shape, model.LayersFor(scores), scores), InputNormalization.None(shape));
            network.Initialize(1);
            using NetworkPlan plan = network.Plan(2, PlanPurpose.Training);
            var random = new RandomStream(1, "images");
            using Tensor<float> x = device.Allocate(shape.Batched(2), [.. Enumerable.Range(0, 2 * shape.Length).Select(_ => (float)random.NextDouble())]);
            using Tensor<float> dScores = device.Allocate(new Shape(2 * scores), [.. Enumerable.Range(0, 2 * scores).Select(static i => i % 2 == 0 ? 1f : -1f)]);
            Assert.All(plan.Forward(x, 2, PassMode.Train).ToArray(), static score => Assert.True(float.IsFinite(score)));
            plan.ParameterGradients(dScores, 2);
            float[] gradients = network.ParameterGradients.ToArray();
            Assert.All(gradients, static value => Assert.True(float.IsFinite(value)));
            Assert.Contains(network.Parameters[0].Gradient.ToArray(), static value => value != 0);
        }
    }
}
