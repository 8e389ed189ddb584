using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>Radius and step size of the attack in training, which grow in the first epochs.</summary>
public sealed class AttackWarmupTests
{
    private const double Epsilon = 0.05;
    private const double StepSize = Epsilon / 5;
    private const int Samples = 8;
    private const int Pixels = 64;

    /// <summary>Five steps an epoch and a warm-up of two epochs: by tenths; in an order in which no run takes them.</summary>
    private static readonly (long Step, double Share)[] TenSteps = [(0, 0.1), (4, 0.5), (9, 1), (30, 1), (2, 0.3)];

    [Theory]
    [InlineData(0.0, 10, 0L, 1.0)]
    [InlineData(0.0, 1, 1_000_000L, 1.0)]
    [InlineData(2.5, 10, 0L, 0.04)]
    [InlineData(2.5, 10, 11L, 0.48)]
    [InlineData(2.5, 10, 24L, 1.0)]
    [InlineData(2.5, 10, 25L, 1.0)]
    [InlineData(0.5, 3, 0L, 2.0 / 3)]
    [InlineData(0.1, 3, 0L, 1.0)]
    [InlineData(1e6, 1, 0L, 1e-6)]
    public void ShareAt_Steps_GrowsLinearlyToOne(double warmup, int stepsPerEpoch, long step, double expected)
    {
        Assert.Equal(expected, new PgdTrainingOptions { Warmup = warmup }.ShareAt(step, stepsPerEpoch), 1e-15);
        Assert.Equal(expected, new TradesOptions { Warmup = warmup }.ShareAt(step, stepsPerEpoch), 1e-15);
    }

    [Theory]
    [InlineData(AttackNorm.L2)]
    [InlineData(AttackNorm.Linf)]
    public void Attack_OnALinearModel_ReachesTheWorstPointOfTheStepsBall(AttackNorm norm) => Attack(norm, steps: 25, (share, start, moved, clean, drops) =>
    {
        double radius = share * Epsilon;
        for (int i = 0; i < Samples; i++)
        {
            Assert.InRange(Length(norm, start, clean, i), 0, radius * (1 + 1e-4));
            Assert.InRange(Length(norm, moved, clean, i), 0, radius * (1 + 1e-4));
            Assert.Equal(1, drops[i] / radius, 0.01);
        }
    });

    [Theory]
    [InlineData(AttackNorm.L2)]
    [InlineData(AttackNorm.Linf)]
    public void Attack_OneMove_IsAsLongAsTheStepsStepSize(AttackNorm norm) => Attack(norm, steps: 1, (share, start, moved, clean, _) =>
    {
        double length = share * StepSize;
        int free = 0;
        for (int i = 0; i < Samples; i++)
        {
            Assert.InRange(Length(norm, moved, start, i), 0, length * (1 + 1e-3));

            // The ball's surface may shorten a move in L2; in the cube it holds some coordinates alone.
            if (norm == AttackNorm.Linf || Length(norm, start, clean, i) + length < share * Epsilon)
            {
                Assert.Equal(1, Length(norm, moved, start, i) / length, 1e-3);
                free++;
            }
        }

        Assert.True(free > 0);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_WarmupThatEndsWithTheFirstStep_GivesTheBitsOfNone(bool pgd)
    {
        // 40 samples of each class in batches of 16: five steps an epoch.
        AdversarialTrainingOptions none = pgd ? new PgdTrainingOptions { Epsilon = 0.3, Steps = 2 } : new TradesOptions { Epsilon = 0.3, Steps = 2 };
        (TrainingResult Result, float[] Parameters) expected = Train(none);
        ToyTraining.AssertSame(expected, Train(none with { Warmup = 0.2 }));
        Assert.NotEqual(expected.Parameters, Train(none with { Warmup = 0.4 }).Parameters);

        static (TrainingResult Result, float[] Parameters) Train(AdversarialTrainingOptions adversarial)
        {
            using var observer = new RecordingObserver();
            return ToyTraining.Run(ToyData.Images(), ToyTraining.Options with { Epochs = 2, Adversarial = adversarial }, observer);
        }
    }

    [Fact]
    public void Fingerprint_Warmup_IsPartOfItButForNone()
    {
        DataSplits splits = ToyData.Images(4, 4);
        using var device = new SimdDevice(threads: 1);
        using Network network = ToyTraining.CreateNetwork(device, splits);
        string[] prints = [.. ((double[])[0, 1, 2]).Select(warmup => Of(new PgdTrainingOptions { Warmup = warmup }))];
        Assert.Equal(3, prints.Distinct().Count());
        Assert.Equal(prints[0], Of(new PgdTrainingOptions()));

        string Of(AdversarialTrainingOptions adversarial) => JobFingerprint.Of(network, splits, ToyTraining.Options with { Adversarial = adversarial });
    }

    [Theory]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Validate_WarmupOutOfRange_Throws(double warmup)
    {
        Assert.Throws<ArgumentException>((ToyTraining.Options with { Adversarial = new PgdTrainingOptions { Warmup = warmup } }).Validate);
        Assert.Throws<ArgumentException>((ToyTraining.Options with { Adversarial = new TradesOptions { Warmup = warmup } }).Validate);
    }

    /// <summary>Attacks a linear model in steps of a run, both where the host gives the slopes and where the device has them.</summary>
    private static void Attack(AttackNorm norm, int steps, CheckStep check)
    {
        using var device = new SimdDevice(threads: 1);
        Dataset data = ToyData.Images(4, 4).Train;
        using var network = new Network(device, NetworkArchitecture.Create(data.SampleShape, [new DenseOptions { Units = 1 }]), InputNormalization.None(data.SampleShape));
        network.Initialize(3);
        float[] weights = network.Parameters[0].Value.ToArray();
        double slope = norm == AttackNorm.Linf ? weights.Sum(static w => Math.Abs((double)w)) : Math.Sqrt(weights.Sum(static w => (double)w * w));
        var options = new PgdTrainingOptions { Norm = norm, Epsilon = Epsilon, Steps = steps, StepSize = StepSize, Warmup = 2 };
        using var attack = new InnerAttack(network, data, options, Samples, stepsPerEpoch: 5, seed: 1);

        // Far enough from 0 and 1 that the box holds nothing back.
        float[] clean = [.. data.Pixels!.Select(static pixel => 0.1f + (0.8f * pixel / 255f))];
        using Tensor<float> origin = device.Allocate(data.SampleShape.Batched(Samples), clean);
        using Tensor<float> x = device.Allocate(origin.Shape);
        using Tensor<float> lowering = device.Allocate(new Shape(Samples), [.. data.Labels.Take(Samples).Select(static label => -(float)label)]);
        foreach ((long step, double share) in TenSteps)
        {
            attack.Draw(x, step, Samples);
            float[] start = [.. x.ToArray().Zip(clean, static (offset, value) => value + offset)];
            attack.Run(origin, x, lowering, Samples);
            float[] moved = x.ToArray();
            attack.Draw(x, step, Samples);
            attack.Run(origin, x, (row, _, slopes) => slopes[0] = -data.Labels[row], Samples);
            Assert.Equal(moved, x.ToArray());
            double[] drops = [.. Enumerable.Range(0, Samples).Select(i =>
                -data.Labels[i] * Enumerable.Range(0, Pixels).Sum(k => (double)weights[k] * (moved[(i * Pixels) + k] - clean[(i * Pixels) + k])) / slope)];
            check(share, start, moved, clean, drops);
        }
    }

    private static double Length(AttackNorm norm, float[] to, float[] from, int sample)
    {
        double[] distances = [.. Enumerable.Range(sample * Pixels, Pixels).Select(k => Math.Abs((double)to[k] - from[k]))];
        return norm == AttackNorm.Linf ? distances.Max() : Math.Sqrt(distances.Sum(static d => d * d));
    }

    /// <summary>Of a step's share of the radius, the samples where the attack starts and ends, the clean ones, and by how much each score fell over the slope.</summary>
    private delegate void CheckStep(double share, float[] start, float[] moved, float[] clean, double[] drops);
}
