using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

public sealed class AdversarialTrainingTests
{
    [Theory]
    [InlineData(0.3, -1.2)]
    [InlineData(-2.0, -2.0)]
    [InlineData(4.0, 5.5)]
    [InlineData(-30.0, 20.0)]
    public void Divergence_Derivatives_AreThoseOfDifferences(double s, double t)
    {
        const double step = 1e-5;
        (double value, double byClean, double byAttacked) = SigmoidDivergence.Of(s, t);
        Assert.True(value >= -1e-12);
        Assert.Equal((Value(s + step, t) - Value(s - step, t)) / (2 * step), byClean, 1e-6);
        Assert.Equal((Value(s, t + step) - Value(s, t - step)) / (2 * step), byAttacked, 1e-6);

        static double Value(double s, double t) => SigmoidDivergence.Of(s, t).Value;
    }

    [Fact]
    public void SoftmaxDivergence_Derivatives_AreThoseOfDifferences()
    {
        const float step = 1e-2f;
        float[] clean = [0.5f, -1.2f, 2.1f, 0.3f];
        float[] attacked = [-0.7f, 1.4f, 0.9f, 0.2f];
        var divergence = new SoftmaxDivergence(4);
        float[] byClean = [1, 2, 3, 4];
        var byAttacked = new float[4];
        var slopes = new float[4];
        double value = divergence.Add(clean, attacked, 2, byClean, byAttacked);
        divergence.ByAttacked(clean, attacked, slopes);
        Assert.True(value > 0);
        Assert.Equal(0, divergence.Add(clean, clean, 1, new float[4], new float[4]), 1e-12);
        for (int k = 0; k < 4; k++)
        {
            Assert.Equal(2 * Slope(clean, k), byClean[k] - (k + 1), 1e-3);
            Assert.Equal(2 * Slope(attacked, k), byAttacked[k], 1e-3);
            Assert.Equal(byAttacked[k] / 2, slopes[k], 1e-6);
        }

        double Slope(float[] scores, int k)
        {
            float at = scores[k];
            scores[k] = at + step;
            double above = divergence.Add(clean, attacked, 1, new float[4], new float[4]);
            scores[k] = at - step;
            double below = divergence.Add(clean, attacked, 1, new float[4], new float[4]);
            scores[k] = at;
            return (above - below) / (2 * step);
        }
    }

    [Theory]
    [InlineData(AttackNorm.L2)]
    [InlineData(AttackNorm.Linf)]
    public void Attack_OnALinearModel_ReachesTheBallsWorstPointInsideTheBox(AttackNorm norm)
    {
        using var device = new SimdDevice(threads: 1);
        Dataset data = ToyData.Images(4, 4).Train;
        using var network = new Network(device, NetworkArchitecture.Create(data.SampleShape, [new DenseOptions { Units = 1 }]), InputNormalization.None(data.SampleShape));
        network.Initialize(3);
        float[] weights = network.Parameters[0].Value.ToArray();
        using var attack = new InnerAttack(network, data, new PgdTrainingOptions { Norm = norm, Epsilon = 0.02, Steps = 10, StepSize = 0.02 }, 8, stepsPerEpoch: 1, seed: 1);
        float[] clean = [.. data.Pixels!.Select(static pixel => 0.1f + (0.8f * pixel / 255f))];
        using Tensor<float> origin = device.Allocate(data.SampleShape.Batched(8), clean);
        using Tensor<float> x = device.Allocate(origin.Shape);
        attack.Draw(x, step: 4, count: 8);
        attack.Run(origin, x, (row, _, slopes) => slopes[0] = -data.Labels[row], count: 8);
        float[] moved = x.ToArray();
        using Tensor<float> lowering = device.Allocate(new Shape(8), [.. data.Labels.Take(8).Select(static label => -(float)label)]);
        attack.Draw(x, step: 4, count: 8);
        attack.Run(origin, x, lowering, count: 8);
        Assert.Equal(moved, x.ToArray());
        double reach = 0.02 * (norm == AttackNorm.Linf ? weights.Sum(static w => Math.Abs((double)w)) : Math.Sqrt(weights.Sum(static w => (double)w * w)));
        for (int i = 0; i < 8; i++)
        {
            double drop = Enumerable.Range(0, 64).Sum(k => (double)weights[k] * (moved[(i * 64) + k] - clean[(i * 64) + k])) * -data.Labels[i];
            Assert.Equal(reach, drop, 0.01 * reach);
        }

        Assert.All(moved, static value => Assert.InRange(value, 0f, 1f));
    }

    [Fact]
    public void Run_TradesWithoutItsDivergence_TrainsAsOnCleanBatches()
    {
        DataSplits splits = ToyData.Images();
        using var plain = new RecordingObserver();
        using var trades = new RecordingObserver();
        TrainingOptions options = ToyTraining.Options with { Loss = new CrossEntropyOptions() };
        float[] expected = ToyTraining.Run(splits, options, plain).Parameters;
        float[] actual = ToyTraining.Run(splits, options with { Adversarial = new TradesOptions { Beta = 0, Steps = 1 } }, trades).Parameters;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-3f);
        }
    }

    [Fact]
    public void Validate_AttackedBatchesOfAFullBatchOptimizer_Throws() =>
        Assert.Throws<ArgumentException>((ToyTraining.Options with { Optimizer = new NormalizedGradientOptions(), Adversarial = new PgdTrainingOptions() }).Validate);
}
