using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Core.Tests.Training;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Certificates;

public sealed class CertifierTests
{
    [Theory]
    [InlineData(CertifyMethod.Lipschitz)]
    [InlineData(CertifyMethod.Interval)]
    [InlineData(CertifyMethod.CrownInterval)]
    [InlineData(CertifyMethod.Crown)]
    public void Brackets_LinearNetwork_CloseAroundTheDistanceFound(CertifyMethod method)
    {
        MarginBracket bracket = Brackets(ToyData.Points(20), new CertifyOptions { Methods = [method] }).Single(b => b.Norm == AttackNorm.L2);

        Assert.NotEmpty(bracket.Found);
        Assert.Equal(0, bracket.Crossed);
        Assert.All(bracket.Certified.Zip(bracket.Found), pair => Assert.InRange(pair.First!.Value / pair.Second!.Value, method == CertifyMethod.Interval ? 0.5 : 0.95, 1.0001));
    }

    [Fact]
    public void Brackets_Convolutions_NeverCross()
    {
        IReadOnlyList<MarginBracket> brackets = Brackets(ToyData.Images(), new CertifyOptions { Samples = 3 });

        Assert.Equal([AttackNorm.L2, AttackNorm.Linf], brackets.Select(b => b.Norm));
        Assert.All(brackets, bracket =>
        {
            Assert.Equal(0, bracket.Crossed);
            Assert.All(bracket.Certified, distance => Assert.True(distance > 0));
        });
    }

    [Fact]
    public void Brackets_NoMethods_CertifyNothing() =>
        Assert.All(Brackets(ToyData.Points(10), new CertifyOptions { Methods = [] }), bracket => Assert.All(bracket.Certified, Assert.Null));

    [Fact]
    public void Brackets_NetworkWithALayerWithoutBounds_SayWhy()
    {
        DataSplits data = ToyData.Images();
        using var device = new SimdDevice(threads: 2);
        using Network network = ToyTraining.CreateNetwork(device, data, [new DenseOptions { Units = 4 }, new SquareOptions(), new DenseOptions { Units = 1 }]);
        network.Initialize(1);
        using NetworkPlan plan = network.Plan(32, PlanPurpose.Attack);
        SplitAttackResult result = AttackRunner.Run(plan, data.Test, new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [0.3] }] }, null, CancellationToken.None);

        IReadOnlyList<MarginBracket> brackets = Certifier.Brackets(network, data.Test, result, new CertifyOptions { Samples = 2 }, CancellationToken.None);

        Assert.All(brackets, static bracket =>
        {
            Assert.Equal("layers[1] has no bounds", bracket.NoCertificate);
            Assert.NotEmpty(bracket.Certified);
            Assert.All(bracket.Certified, static distance => Assert.True(double.IsNaN(distance!.Value)));
        });
        Assert.All(
            Certifier.Brackets(network, data.Test, result, new CertifyOptions { Methods = [] }, CancellationToken.None), static bracket => Assert.Null(bracket.NoCertificate));
    }

    [Fact]
    public void Brackets_AttackInL1_AreInL1Too()
    {
        DataSplits data = ToyData.Points(10);
        using var device = new SimdDevice(threads: 2);
        using Network network = Trained(device, data);
        SplitAttackResult result = AttackRunner.Run(
            network, data.Test, new AttackRunOptions { Attacks = [new FmnOptions { Norm = AttackNorm.L1 }, new FmnOptions()] }, null, CancellationToken.None);

        IReadOnlyList<MarginBracket> lipschitz = Certifier.Brackets(network, data.Test, result, new CertifyOptions { Methods = [CertifyMethod.Lipschitz] }, CancellationToken.None);
        IReadOnlyList<MarginBracket> crown = Certifier.Brackets(network, data.Test, result, new CertifyOptions { Methods = [CertifyMethod.Crown] }, CancellationToken.None);

        Assert.Equal([AttackNorm.L2, AttackNorm.Linf, AttackNorm.L1], lipschitz.Select(static bracket => bracket.Norm));
        Assert.Equal(lipschitz[0].Certified, lipschitz[2].Certified);
        for (int i = 0; i < result.Attacked; i++)
        {
            Assert.NotNull(lipschitz[2].Found[i]);
            Assert.True(crown[2].Certified[i] >= crown[0].Certified[i] * (1 - 0.02), "an L1 ball lies within the L2 ball of its radius");
            Assert.True(crown[2].Found[i] >= crown[0].Found[i], "nor is a change smaller in L1 than in L2");
        }

        Assert.All(lipschitz.Concat(crown), static bracket => Assert.Equal(0, bracket.Crossed));
    }

    // However few samples are attacked, the certificates by the constant are counted of all.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Figures_WithALimit_CountCertificatesOfAllSamples(bool isImages)
    {
        DataSplits data = isImages ? ToyData.Images() : ToyData.Points(40);
        using var device = new SimdDevice(threads: 2);
        using Network network = Trained(device, data);
        var certify = new CertifyOptions { Methods = [CertifyMethod.Lipschitz] };
        double[] distances = [.. Of(null, [1]).Brackets.Single(static b => b.Norm == AttackNorm.L2).Certified.Select(static d => d!.Value).Order()];
        double[] budgets = [distances[0] / 2, distances[distances.Length / 3], (distances[^2] + distances[^1]) / 2, distances[^1] * 2];
        (SplitAttackResult all, IReadOnlyList<MarginBracket> known) = Of(null, budgets);
        foreach (int limit in (int[])[1, 3, all.Attacked - 1, all.Attacked])
        {
            (SplitAttackResult some, IReadOnlyList<MarginBracket> brackets) = Of(limit, budgets);
            Assert.Equal(all.Attacked, some.Attacked + some.LeftOut.Count);
            foreach ((RobustFigures expected, RobustFigures figures) in RobustFigures.Of(all, known).Zip(RobustFigures.Of(some, brackets)))
            {
                Assert.Equal(expected.CertifiedAccuracy, figures.CertifiedAccuracy);
                Assert.Equal((all.Correct, expected.CertifiedInterval), (figures.CertifiedSamples!.Value, figures.CertifiedInterval));
                Assert.Equal(expected.CertifiedAccuracies, figures.CertifiedAccuracies);
                Assert.Equal(expected.BalancedCertifiedAccuracy, figures.BalancedCertifiedAccuracy);
            }
        }

        (SplitAttackResult Result, IReadOnlyList<MarginBracket> Brackets) Of(int? limit, IReadOnlyList<double> epsilons)
        {
            SplitAttackResult result = AttackRunner.Run(network, data.Test, new AttackRunOptions { Attacks = [new FgsmOptions { Norm = AttackNorm.L2, Epsilons = [.. epsilons.Select(static e => (Fraction)e)] }], Limit = limit });
            return (result, Certifier.Brackets(network, data.Test, result, certify));
        }
    }

    // The constant says little of these networks: that it certifies none of the samples left out would be a figure of the method, not of the network.
    [Fact]
    public void LeftOut_WhereAnotherMethodCertifiesMore_StandsBack()
    {
        DataSplits data = ToyData.Points(40);
        using var device = new SimdDevice(threads: 2);
        using Network network = ToyTraining.CreateNetwork(device, data, [new DenseOptions { Units = 16 }, new ReluOptions(), new DenseOptions { Units = 16 }, new ReluOptions(), new DenseOptions { Units = 1 }]);
        network.Initialize(1);
        SplitAttackResult result = AttackRunner.Run(network, data.Test, new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [1] }], Limit = 4 });
        double[] known = [.. new[] { CertifyMethod.Lipschitz, CertifyMethod.Crown }.Select(method =>
            Certifier.Brackets(network, data.Test, result, new CertifyOptions { Methods = [method] })[0].Certified.Max()!.Value)];
        Assert.True(known[1] > known[0]);
        double epsilon = (known[0] + known[1]) / 2;
        result = AttackRunner.Run(network, data.Test, new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [epsilon] }], Limit = 4 });

        MarginBracket both = Certifier.Brackets(network, data.Test, result, new CertifyOptions { Methods = [CertifyMethod.Lipschitz, CertifyMethod.Crown] })[0];
        MarginBracket constant = Certifier.Brackets(network, data.Test, result, new CertifyOptions { Methods = [CertifyMethod.Lipschitz] })[0];

        Assert.Null(both.LeftOut);
        Assert.Equal(result.LeftOut.Count, constant.LeftOut!.Count);
        Assert.All(constant.LeftOut, sample => Assert.InRange(sample.Certified, 0, epsilon));
    }

    [Fact]
    public void Attack_InL1ThatIsNotForIt_IsRefused()
    {
        DataSplits data = ToyData.Points(4);
        using var device = new SimdDevice(threads: 1);
        using Network network = ToyTraining.CreateNetwork(device, data);
        network.Initialize(1);
        using NetworkPlan plan = network.Plan(8, PlanPurpose.Attack);
        var options = new AttackRunOptions { Attacks = [new DeepFoolOptions { Norm = AttackNorm.L1 }] };
        Assert.Throws<NotSupportedException>(() => AttackRunner.Run(plan, data.Test, options, null, CancellationToken.None));
    }

    [Fact]
    public void FoundBy_BothNorms_TakesWhatWasMeasured()
    {
        var result = new SplitAttackResult
        {
            Count = 2,
            Correct = 2,
            Decisions = new SplitDecisions { Confusion = [[2, 0], [0, 0]], Counts = [2, 0] },
            Samples = [new AttackedSample(0, 1, 1), new AttackedSample(1, 1, 1)],
            Attacks = [Outcome(AttackNorm.Linf, 0.1, new FlipDistances(0.25, 0.1, 0.5), null), Outcome(AttackNorm.L2, 0.15, null, new FlipDistances(0.14, 0.08, 0.3)), Outcome(AttackNorm.L2, 0.3, new FlipDistances(0.2, 0.15, 0.4), new FlipDistances(0.3, 0.07, 0.6))],
        };

        Assert.Equal([0.2, 0.14], MarginBracket.FoundBy(result, AttackNorm.L2).Select(d => d!.Value));
        Assert.Equal([0.1, 0.07], MarginBracket.FoundBy(result, AttackNorm.Linf).Select(d => d!.Value));
        Assert.Equal([0.4, 0.3], MarginBracket.FoundBy(result, AttackNorm.L1).Select(d => d!.Value));
    }

    /// <summary>A layer that certificates know nothing of.</summary>
    private sealed record SquareOptions : LayerOptions
    {
        internal override Layer Create(LayerPlace place, Shape input) => new SquareLayer(place, input);
    }

    private sealed class SquareLayer(LayerPlace place, Shape input) : Layer(place, input, input)
    {
        internal override string Export(LayerExport export, IReadOnlyList<string> inputs) => export.Node("Mul", [inputs[0], inputs[0]]);

        internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(Output.Length);

        private sealed class Planned(int length) : PlannedLayer
        {
            public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode)
            {
                float[] values = x[0].ToArray();
                y.Write([.. values.Take(count * length).Select(static value => value * value)]);
            }

            public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
                dx.Write([.. x[0].ToArray().Zip(dy.ToArray(), static (value, slope) => 2 * value * slope).Take(count * length)]);

            protected override void Dispose(bool disposing)
            {
            }
        }
    }

    private static AttackResult Outcome(AttackNorm norm, double epsilon, params FlipDistances?[] found) =>
        new() { Kind = "pgd", Norm = norm, Epsilon = epsilon, Flipped = [.. found.Select(f => f is not null)], FlippedCount = found.Count(f => f is not null), Found = found, Counters = default };

    private static IReadOnlyList<MarginBracket> Brackets(DataSplits data, CertifyOptions options)
    {
        using var device = new SimdDevice(threads: 2);
        using Network network = Trained(device, data);
        SplitAttackResult result = AttackRunner.Run(
            network, data.Test, new AttackRunOptions { Attacks = [new DeepFoolOptions(), new PgdOptions { Epsilons = [0.1, 0.3] }] }, null, CancellationToken.None);
        return Certifier.Brackets(network, data.Test, result, options, CancellationToken.None);
    }

    private static Network Trained(SimdDevice device, DataSplits data)
    {
        Network network = ToyTraining.CreateNetwork(device, data);
        using var observer = new RecordingObserver();
        Trainer.Run(network, data, ToyTraining.Options, null, observer, observer.Token);
        return network;
    }
}
