using Differential.Kernels.Devices;

namespace Differential.Kernels.Normalization;

/// <summary>Sizes and constants of a batch normalisation.</summary>
/// <param name="Channels">At least 1.</param>
/// <param name="MaxRows">Largest number of rows in one call: samples, times pixels of images.</param>
/// <param name="Momentum">Share by which a training pass moves the running statistics, in [0, 1].</param>
/// <param name="Epsilon">Added to the variance, above 0.</param>
public readonly record struct BatchNormGeometry(int Channels, int MaxRows, float Momentum, float Epsilon)
{
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)Channels * MaxRows, int.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(Momentum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Momentum, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Epsilon);
    }
}

/// <summary>What a batch normalisation computes with, each [channels].</summary>
/// <param name="Weight">Factor after normalisation, γ.</param>
/// <param name="Bias">Summand after that, β.</param>
/// <param name="RunningMean">The mean of evaluations.</param>
/// <param name="RunningVariance">The variance of evaluations.</param>
public readonly record struct BatchNormValues(Tensor<float> Weight, Tensor<float> Bias, Tensor<float> RunningMean, Tensor<float> RunningVariance);
