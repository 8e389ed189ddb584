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

/// <summary>certified ≤ margin ≤ found on trained networks: no attack gets below a certificate.</summary>
public sealed class MarginBracketTests
{
    private const int CrownSamples = 4;

    public static TheoryData<string, LayerOptions[]> Networks => new()
    {
        { "ordinary", [.. ToyTraining.Layers] },
        {
            "held at norm 1",
            [
                new ConvOptions { Filters = 4, Size = 4, Stride = 2, Padding = 1, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(),
                new DenseOptions { Units = 6, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true },
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Bracket_OfATrainedNetwork_NeverCrosses(string name, LayerOptions[] layers) => Check(name, layers, 200);

    [Theory]
    [MemberData(nameof(Networks))]
    [Trait("Category", "Long")]
    public void Bracket_OfThousandsOfSamples_NeverCrosses(string name, LayerOptions[] layers) => Check(name, layers, 3_000);

    private static void Check(string name, LayerOptions[] layers, int count)
    {
        DataSplits training = ToyData.Images();
        Dataset samples = ToyData.Images(count / 2, count / 2, seed: 77).Train;
        using var device = new SimdDevice(threads: 2);
        using Network network = ToyTraining.CreateNetwork(device, training, layers);
        using var observer = new RecordingObserver();
        Trainer.Run(network, training, ToyTraining.Options, null, observer, observer.Token);
        using NetworkPlan plan = network.Plan(125, PlanPurpose.Attack);
        double[] linfBudgets = [0.02, 0.05, 0.1, 0.2, 0.3];
        var options = new AttackRunOptions
        {
            Attacks =
            [
                new DeepFoolOptions(),
                new PgdOptions { Norm = AttackNorm.L2, Epsilons = [0.1, 0.3, 0.6, 1.0, 1.5, 2.5], Steps = 20 },
                new PgdOptions { Norm = AttackNorm.Linf, Epsilons = [.. linfBudgets.Select(static budget => new Fraction(budget))], Steps = 20 },
            ],
            Seed = 3,
        };
        SplitAttackResult result = AttackRunner.Run(plan, samples, options, null, CancellationToken.None);
        Assert.True(result.Attacked > count * 3 / 4, $"{name}: {result.Attacked} samples are right");

        var lipschitz = new LipschitzCertificate(network);
        var bounds = new LinearBounds(network);
        var ratios = new List<double>();
        for (int i = 0; i < result.Attacked; i++)
        {
            AttackedSample sample = result.Samples[i];
            float[] pixels = [.. Enumerable.Range(0, 64).Select(k => samples.Pixels![(sample.Index * 64) + k] / 255f)];
            foreach (AttackNorm norm in AttackNormNames.Common)
            {
                double found = Found(result, i, norm);
                double certified = lipschitz.Radius(pixels, sample.Label, norm);
                if (i < CrownSamples)
                {
                    foreach (BoundMethod method in Enum.GetValues<BoundMethod>())
                    {
                        certified = Math.Max(certified, bounds.Radius(pixels, sample.Label, norm, method, 0.05));
                    }

                    ratios.Add(certified / found);
                }

                Assert.True(certified > 0 && certified <= found, $"{name}: sample {sample.Index} is certified to {certified} and flipped at {found} in {norm}");
            }
        }

        // A certificate that certifies next to nothing would pass the above.
        Assert.True(ratios.Where(double.IsFinite).Average() > 0.2, $"{name}: the certified share of the distances found is {ratios.Average()}");
    }

    /// <summary>The smallest distance at which any attack flipped a sample.</summary>
    private static double Found(SplitAttackResult result, int sample, AttackNorm norm)
    {
        double smallest = double.PositiveInfinity;
        foreach (AttackResult outcome in result.Attacks.Where(outcome => outcome.Norm == norm && outcome.Flipped[sample]))
        {
            smallest = Math.Min(smallest, outcome.Epsilon ?? outcome.Distances![sample] ?? double.PositiveInfinity);
        }

        return smallest;
    }
}
