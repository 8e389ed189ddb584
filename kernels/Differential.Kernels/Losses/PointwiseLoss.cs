using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>
/// The mean over samples of ℓ(τ·(y·s − m)) and its gradient by every score: cross-entropy is the logistic one
/// (log(1 + e^(−y·s))), squared error the squared one ((1 − y·s)² = (y − s)²). Stable for |s| up to 10⁴.
/// </summary>
public abstract class PointwiseLoss : Operation
{
    protected PointwiseLoss(ComputeDevice device, Surrogate surrogate, float temperature, float margin, int maxCount)
        : base(device)
    {
        Surrogate = surrogate;
        Temperature = temperature;
        Margin = margin;
        MaxCount = maxCount;
    }

    public Surrogate Surrogate { get; }

    public float Temperature { get; }

    public float Margin { get; }

    public int MaxCount { get; }

    public static PointwiseLoss Create(ComputeDevice device, Surrogate surrogate, int maxCount, float temperature = 1f, float margin = 0f)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        return device switch
        {
            SimdDevice simd => new PointwiseLossSimd(simd, surrogate, temperature, margin, maxCount),
            IlgpuDevice ilgpu => new PointwiseLossIlgpu(ilgpu, surrogate, temperature, margin, maxCount),
            _ => throw NoKernel(device, nameof(PointwiseLoss)),
        };
    }

    /// <summary>loss[0] = mean over samples; dScores[i] = its derivative by scores[i]. Shapes as in <see cref="PairwiseDifference"/>.</summary>
    public void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        Check(scores, count, nameof(scores));
        Check(labels, count, nameof(labels));
        Check(dScores, count, nameof(dScores));
        Check(loss, 1, nameof(loss));
        ComputeCore(scores, labels, dScores, loss, count);
    }

    protected abstract void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count);
}
