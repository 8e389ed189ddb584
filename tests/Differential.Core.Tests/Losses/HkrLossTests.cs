using Differential.Core.Losses;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Losses;

/// <summary>Values of hkr and of class weights that were worked out by hand.</summary>
public sealed class HkrLossTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 1);

    [Fact]
    public void Hkr_TwoPositivesAndOneNegative_AsByHand()
    {
        // Means 1.25 and −1: −2.25. Hinges at 1: 0, 0.5 and 0; mean 1/6, times 3.
        (float loss, float[] slopes) = Compute(new HkrOptions { Weight = 3, Margin = 1 }, [2, 0.5f, -1], [1, 1, -1]);
        Assert.Equal(-1.75f, loss, 1e-6f);
        Assert.Equal([-0.5f, -1.5f, 1], slopes);
    }

    [Fact]
    public void Hkr_OneClassAlone_HasItsHingeAlone()
    {
        (float loss, float[] slopes) = Compute(new HkrOptions { Weight = 2, Margin = 1.5 }, [1, 2], [1, 1]);
        Assert.Equal(0.5f, loss, 1e-6f);
        Assert.Equal([-1f, 0], slopes);
    }

    [Fact]
    public void EqualWeights_OneInTwenty_WeighTheClassesAlike()
    {
        float[] weights = ClassWeights.Equal.For([2000, 100]);
        Assert.Equal([0.525f, 10.5f], weights);
        (float loss, float[] slopes) = Compute(new SquaredErrorOptions { ClassWeights = ClassWeights.Equal }, [0, 0, 0], [1, 1, -1], [2000, 100]);
        Assert.Equal((0.525f + 0.525f + 10.5f) / 3, loss, 1e-6f);
        Assert.Equal([-0.35f, -0.35f, 7], slopes);
    }

    [Theory]
    [InlineData(new double[] { 1 })]
    [InlineData(new double[] { 1, 2, 3 })]
    public void ClassWeights_NotAsManyAsClasses_Throw(double[] numbers) =>
        Assert.Throws<ArgumentException>(() => new CrossEntropyOptions { ClassWeights = new(numbers) }.CreateLoss(_device, 2, 1, [1, 1]));

    [Fact]
    public void EqualWeights_WithoutClassCounts_Throw() =>
        Assert.Throws<ArgumentException>(() => new HingeOptions { ClassWeights = ClassWeights.Equal }.CreateLoss(_device, 2));

    public void Dispose() => _device.Dispose();

    private (float Loss, float[] Slopes) Compute(LossOptions options, float[] values, float[] signs, int[]? counts = null)
    {
        using Loss loss = options.CreateLoss(_device, values.Length, 1, counts);
        using Tensor<float> scores = _device.Allocate(new Shape(values.Length), values);
        using Tensor<float> labels = _device.Allocate(new Shape(values.Length), signs);
        using Tensor<float> slopes = _device.Allocate(new Shape(values.Length));
        using Tensor<float> value = _device.Allocate(new Shape(1));
        loss.Compute(scores, labels, slopes, value, values.Length);
        return (value.ToArray()[0], slopes.ToArray());
    }
}
