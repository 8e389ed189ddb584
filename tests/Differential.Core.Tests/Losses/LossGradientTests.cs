using Differential.Core.Losses;
using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Tests.Losses;

/// <summary>Each loss through a small network: its gradients by parameters and by inputs.</summary>
public sealed class LossGradientTests : IDisposable
{
    private static readonly float[] Labels = [1, -1, -1, 1, 1, -1, 1];

    private readonly SimdDevice _device = new(threads: 2);

    public static TheoryData<LossOptions> Losses =>
    [
        new DifferentialOptions(),
        new DifferentialOptions { Surrogate = Surrogate.Squared },
        new DifferentialOptions { Surrogate = Surrogate.Hinge },
        new DifferentialOptions { Surrogate = Surrogate.Exponential },
        new DifferentialOptions { Pairs = PairSelection.Matched },
        new DifferentialOptions { Temperature = 2.5, Margin = 0.3 },
        new CrossEntropyOptions(),
        new CrossEntropyOptions { Temperature = 2.5, Margin = 0.3 },
        new SquaredErrorOptions(),
        new HingeOptions(),
        new DifferentialOptions { Surrogate = Surrogate.Linear, Temperature = 2.5, Margin = 0.3 },
        new HkrOptions { Weight = 3, Margin = 0.7 },
        new HkrOptions { Weight = 3, Margin = 1.5, ClassWeights = new([0.5, 2]) },
        new CrossEntropyOptions { Temperature = 2.5, Margin = 0.3, ClassWeights = ClassWeights.Equal },
        new SquaredErrorOptions { ClassWeights = new([0.25, 3]) },
        new HingeOptions { ClassWeights = ClassWeights.Equal },
    ];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Gradients_OfEachLoss_AsFiniteDifferences(LossOptions options) => LossGradientCheck.ThroughANetwork(_device, options, Labels, 1);

    [Fact]
    public void Differential_ConstantAddedToAllScores_ChangesNothing()
    {
        using Loss loss = new DifferentialOptions().CreateLoss(_device, 4);
        float[] scores = [1, -2, 0.5f, 3];
        Assert.Equal(Value(loss, scores), Value(loss, [.. scores.Select(static score => score + 64)]), 1e-6f);
    }

    public void Dispose() => _device.Dispose();

    private float Value(Loss loss, float[] values)
    {
        using Tensor<float> scores = _device.Allocate(new Shape(4), values);
        using Tensor<float> labels = _device.Allocate(new Shape(4), [1f, -1f, 1f, -1f]);
        using Tensor<float> dScores = _device.Allocate(new Shape(4));
        using Tensor<float> loss1 = _device.Allocate(new Shape(1));
        loss.Compute(scores, labels, dScores, loss1, 4);
        return loss1.ToArray()[0];
    }
}
