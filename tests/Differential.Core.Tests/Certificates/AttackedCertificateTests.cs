using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Certificates;

/// <summary>No attack's adversarial input violates a certificate: its distance is measured in float64.</summary>
public sealed class AttackedCertificateTests
{
    private const int Features = 6;

    public static TheoryData<double, int> Scales
    {
        get
        {
            var rows = new TheoryData<double, int>();
            foreach (double scale in (double[])[1e-4, 1, 1e4])
            {
                for (int network = 0; network < 3; network++)
                {
                    rows.Add(scale, network);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void AdversarialInputs_OfEveryAttack_LieBeyondEachCertificate(double scale, int number)
    {
        using var device = new SimdDevice(threads: 1);
        var shape = new Shape(Features);
        LayerOptions activation = number == 1 ? new MaxMinOptions() : new ReluOptions();
        using var network = new Network(
            device,
            NetworkArchitecture.Create(shape, [new DenseOptions { Units = 8 }, activation, new DenseOptions { Units = 4 }, activation, new DenseOptions { Units = 1 }]),
            number == 2 ? new InputNormalization([.. Enumerable.Range(0, Features).Select(i => (float)(scale * i))], (float)(1 / scale)) : InputNormalization.None(shape));
        network.Initialize(number);
        var random = new RandomStream(6, "points", number);
        float[] points = [.. Enumerable.Range(0, 30 * Features).Select(_ => (float)(scale * random.NextNormal()))];
        Dataset unlabelled = Dataset.OfPoints(Features, [.. Enumerable.Repeat((sbyte)1, 30)], points);
        float[] scores = ScoreEvaluator.Scores(network, unlabelled);
        network.Threshold = (float)scores.Average(static score => (double)score);
        Dataset data = Dataset.OfPoints(Features, [.. scores.Select(score => (sbyte)(score > network.Threshold ? 1 : -1))], points);
        using NetworkPlan plan = network.Plan(30, PlanPurpose.Attack);
        SplitAttackResult result = AttackRunner.Run(plan, data, new AttackRunOptions { Attacks = Attacks(scale), KeepAdversarial = true }, null, CancellationToken.None);
        Assert.Equal(30, result.Attacked);
        IReadOnlyList<MarginBracket> brackets = Certifier.Brackets(network, data, result, new CertifyOptions { Methods = Enum.GetValues<CertifyMethod>(), Samples = 30 }, CancellationToken.None);
        int flips = 0;
        var sample = new float[Features];
        foreach (AttackResult attack in result.Attacks)
        {
            for (int i = 0; i < result.Attacked; i++)
            {
                if (!attack.Flipped[i] || attack.Adversarial![i] is not { } adversarial)
                {
                    continue;
                }

                data.Sample(result.Samples[i].Index, sample);
                double[] offset = [.. adversarial.Zip(sample, static (a, b) => (double)a - b)];
                Assert.True(Math.Sqrt(offset.Sum(static value => value * value)) > brackets[(int)AttackNorm.L2].Certified[i], $"{attack.Kind}, sample {i}, L2");
                Assert.True(offset.Max(Math.Abs) > brackets[(int)AttackNorm.Linf].Certified[i], $"{attack.Kind}, sample {i}, L∞");
                flips++;
            }
        }

        Assert.True(flips > 100, $"{flips} flips");
        Assert.All(brackets, static bracket => Assert.True(bracket.Certified.Average() > 0));
    }

    private static AttackOptions[] Attacks(double scale) =>
    [
        new FgsmOptions { Epsilons = [0.5 * scale] },
        new PgdOptions { Epsilons = [0.2 * scale, 0.5 * scale], Steps = 20 },
        new PgdOptions { Norm = AttackNorm.L2, Epsilons = [0.5 * scale, scale], Steps = 20 },
        new ApgdOptions { Epsilons = [0.2 * scale, 0.5 * scale], Steps = 20 },
        new SquareOptions { Epsilons = [0.5 * scale], Queries = 50 },
        new NoiseOptions { Epsilons = [scale], Draws = 20 },
        new SuiteOptions { Norm = AttackNorm.L2, Epsilons = [scale], Steps = 20, Queries = 50 },
        new DeepFoolOptions(),
        new DeepFoolOptions { Norm = AttackNorm.Linf },
        new FabOptions { Steps = 20 },
        new FabOptions { Norm = AttackNorm.Linf, Steps = 20 },
        new CarliniWagnerOptions { Steps = 50, SearchSteps = 3 },
        new HopSkipJumpOptions { Iterations = 4 },
    ];
}
