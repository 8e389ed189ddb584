using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>
/// Cross-entropy of several classes and its gradient by every score: the mean over samples of class y of
/// w_y·log(1 + Σ e^(−τ(z_y − z_k − m))) over the other classes k, the softmax's for τ = 1, m = 0 and weights of 1.
/// </summary>
public abstract class SoftmaxCrossEntropy : Operation
{
    private readonly ClassWeighting _weights;

    protected SoftmaxCrossEntropy(ComputeDevice device, int classes, double temperature, double margin, IReadOnlyList<float>? weights, int maxCount)
        : base(device)
    {
        _weights = new ClassWeighting(device, weights, classes);
        Classes = classes;
        Temperature = temperature;
        Margin = margin;
        MaxCount = maxCount;
    }

    /// <summary>Scores of a sample.</summary>
    public int Classes { get; }

    /// <summary>τ.</summary>
    public double Temperature { get; }

    /// <summary>m.</summary>
    public double Margin { get; }

    public int MaxCount { get; }

    /// <summary>[classes], w.</summary>
    protected Tensor<float> Weights => _weights.Values;

    /// <param name="device">Where scores and labels are.</param>
    /// <param name="classes">Scores of a sample.</param>
    /// <param name="maxCount">Samples at most.</param>
    /// <param name="temperature">τ.</param>
    /// <param name="margin">m.</param>
    /// <param name="weights">w of each class, finite and at least 0; null for 1.</param>
    public static SoftmaxCrossEntropy Create(ComputeDevice device, int classes, int maxCount, double temperature = 1, double margin = 0, IReadOnlyList<float>? weights = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        return device switch
        {
            SimdDevice simd => new SoftmaxCrossEntropySimd(simd, classes, temperature, margin, weights, maxCount),
            IlgpuDevice ilgpu => new SoftmaxCrossEntropyIlgpu(ilgpu, classes, temperature, margin, weights, maxCount),
            _ => throw NoKernel(device, nameof(SoftmaxCrossEntropy)),
        };
    }

    /// <summary>loss[0] = mean over samples; dScores[i] = its derivative by scores[i]. A score that is not finite makes the loss and its sample's gradient NaN; a loss beyond the largest float is infinite.</summary>
    /// <param name="scores">[count, classes].</param>
    /// <param name="labels">[count, classes], +1 at the sample's class, −1 elsewhere.</param>
    /// <param name="dScores">[count, classes], overwritten.</param>
    /// <param name="loss">[1], overwritten.</param>
    /// <param name="count">Samples.</param>
    public void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        long length = (long)count * Classes;
        Check(scores, length, nameof(scores));
        Check(labels, length, nameof(labels));
        Check(dScores, length, nameof(dScores));
        Check(loss, 1, nameof(loss));
        ComputeCore(scores, labels, dScores, loss, count);
    }

    protected abstract void ComputeCore(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count);

    protected override void Dispose(bool disposing)
    {
        _weights.Dispose();
        base.Dispose(disposing);
    }
}
