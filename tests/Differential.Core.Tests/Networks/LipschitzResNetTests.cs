using Differential.Core.Batches;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Tests.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

/// <summary>The residual network that stretches no distance, and the rows of norm 1 that it ends in.</summary>
public sealed class LipschitzResNetTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 2);

    private static readonly LipschitzResNetOptions Small = new() { Width = 4, Units = 16 };

    [Fact]
    public void Create_OnCifar_HasTheLayersOfItsStages()
    {
        var architecture = NetworkArchitecture.Create(new Shape(32, 32, 3), new LipschitzResNetOptions().LayersFor(10), 10);
        Assert.Equal((10, 128, 4), (architecture.Scores, architecture.FeatureCount, architecture.Layers.OfType<MixLayer>().Count()));
        Assert.Equal(new Shape(8, 8, 128), architecture.Layers.OfType<MixLayer>().Last().Output);
        int stem = (27 + 1) * 32;
        int stages = (((16 * 32) + 1) * 64) + (2 * ((9 * 64) + 1) * 64) + (((16 * 64) + 1) * 128) + (2 * ((9 * 128) + 1) * 128);
        Assert.Equal(stem + stages + (((64 * 128) + 1) * 128) + (129 * 10), architecture.ParameterCount);
    }

    [Fact]
    public void Initialize_ABlockBehindMaxMin_IsTheIdentity()
    {
        var shape = new Shape(5, 5, 4);
        LayerOptions[] block = [new MaxMinOptions(), new ResidualOptions { Layers = [new ConvOptions { Filters = 4, Padding = 1, Lipschitz = true, Orthogonality = 0.1, Identity = true }, new MaxMinOptions()], Share = 0.5 }];
        using var network = new Network(_device, NetworkArchitecture.Create(shape, [.. block, new DenseOptions { Units = 1 }]), InputNormalization.None(shape));
        using var plain = new Network(_device, NetworkArchitecture.Create(shape, [block[0], new DenseOptions { Units = 1 }]), InputNormalization.None(shape));
        network.Initialize(2);
        float[] last = network.Parameters[2].Value.ToArray();
        plain.SetParameters([.. last, 0]);
        float[] weight = network.Effective(network.Parameters[0]).ToArray();
        for (int i = 0; i < weight.Length; i++)
        {
            (int filter, int within) = Math.DivRem(i, 36);
            Assert.Equal(within == (filter * 9) + 4 ? 1 : 0, weight[i], 2e-3);
        }

        float[] scores = Scores(network, shape, 6);
        float[] expected = Scores(plain, shape, 6);
        Assert.All(scores.Zip(expected), static pair => Assert.Equal(pair.Second, pair.First, 5e-3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Scores_DifferByNoMoreThanTheInputs(int scores)
    {
        var shape = new Shape(8, 8, 3);
        using Network network = Create(shape, scores);
        const int Pairs = 100;
        var random = new RandomStream(3, "pairs");
        var values = new float[2 * Pairs * shape.Length];
        for (int i = 0; i < values.Length; i++)
        {
            bool second = i / shape.Length % 2 == 1;
            values[i] = (float)(second ? values[i - shape.Length] + (0.02 * random.NextNormal()) : random.NextDouble());
        }

        using NetworkPlan plan = network.Plan(2 * Pairs, PlanPurpose.Inference);
        using Tensor<float> x = _device.Allocate(shape.Batched(2 * Pairs), values);
        float[] found = plan.Forward(x, 2 * Pairs).ToArray();
        double most = 0;
        for (int pair = 0; pair < Pairs; pair++)
        {
            (int a, int b) = (2 * pair, (2 * pair) + 1);
            double distance = Math.Sqrt(Enumerable.Range(0, shape.Length).Sum(k => Math.Pow(values[(a * shape.Length) + k] - (double)values[(b * shape.Length) + k], 2)));
            for (int s = 0; s < scores; s++)
            {
                most = Math.Max(most, Math.Abs(found[(a * scores) + s] - (double)found[(b * scores) + s]) / distance);
            }
        }

        Assert.InRange(most, 0.01, 1.00001);
    }

    [Fact]
    public void Effective_OfUnitRows_HasRowsOfNormOneInTheirDirections()
    {
        using var network = new Network(_device, NetworkArchitecture.Create(new Shape(2), [new DenseOptions { Units = 3, UnitRows = true, Bias = false }], 3), InputNormalization.None(new Shape(2)));
        network.SetParameters([3, 4, 0, -2, 0, 0]);
        Assert.Equal([0.6f, 0.8f, 0, -1, 0, 0], network.Effective(network.Parameters[0]).ToArray().Select(static value => MathF.Round(value, 6)));
    }

    [Fact]
    public void Radius_OfSeveralClasses_IsTheMarginOverTheNormOfTheRowsDifference()
    {
        // Rows (1, 0), (0, 1) and (−1, 0): over the second the margin is divided by √2, over the third by 2.
        using var network = new Network(_device, NetworkArchitecture.Create(new Shape(2), [new DenseOptions { Units = 3, UnitRows = true, Bias = false }], 3), InputNormalization.None(new Shape(2)));
        network.SetParameters([5, 0, 0, 0.5f, -7, 0]);
        var certificate = new LipschitzCertificate(network);
        Assert.Equal(Math.Min(0.75 / Math.Sqrt(2), 2.0 / 2), certificate.Radius([1, 0.25f], 0, AttackNorm.L2), 1e-5);
        Assert.Equal(Math.Min(2.0 / Math.Sqrt(2), 2.0 / 2), certificate.Radius([1, -1], 0, AttackNorm.L2), 1e-5);
    }

    [Fact]
    public void ToSaved_HoldsOrdinaryLayersWithTheSameScores()
    {
        DataSplits splits = ToyData.Images();
        using Network network = Create(splits.Train.SampleShape, 1);
        SavedModel saved = NetworkModel.ToSaved(network, splits);
        Assert.DoesNotContain(saved.Layers, static layer => layer is DenseOptions { UnitRows: true } or ConvOptions { Identity: true });
        using Network loaded = NetworkModel.FromSaved(saved, _device);
        Assert.Null(loaded.NormState);
        Assert.Equal(ScoreEvaluator.Scores(network, splits.Test), ScoreEvaluator.Scores(loaded, splits.Test));
    }

    public static TheoryData<LayerOptions, string, string> Mistakes => new()
    {
        { new ResidualOptions { Layers = [new ReluOptions()], Share = 1 }, "layers[0]", "share is 1" },
        { new ResidualOptions { Layers = [new ReluOptions()], Share = double.NaN }, "layers[0]", "share is NaN" },
        { new DenseOptions { Units = 4, UnitRows = true, Lipschitz = true }, "layers[0]", "unitRows and lipschitz" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Create_OfABadShareOrTwoNorms_SaysWhere(LayerOptions layer, string place, string found)
    {
        ArchitectureException error = Assert.Throws<ArchitectureException>(() => NetworkArchitecture.Create(new Shape(3), [layer, new DenseOptions { Units = 1 }]));
        Assert.StartsWith(place, error.Message, StringComparison.Ordinal);
        Assert.Equal(found, error.Found);
    }

    public void Dispose() => _device.Dispose();

    private Network Create(Shape shape, int scores)
    {
        var network = new Network(_device, NetworkArchitecture.Create(shape, Small.LayersFor(scores), scores), InputNormalization.None(shape));
        network.Initialize(5);
        return network;
    }

    private float[] Scores(Network network, Shape shape, int count)
    {
        var random = new RandomStream(4, "images");
        using NetworkPlan plan = network.Plan(count, PlanPurpose.Inference);
        using Tensor<float> x = _device.Allocate(shape.Batched(count), [.. Enumerable.Range(0, count * shape.Length).Select(_ => (float)random.NextDouble())]);
        return plan.Forward(x, count).ToArray();
    }
}
