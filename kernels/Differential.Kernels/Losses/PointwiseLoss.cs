using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>
/// The mean over scores of w·ℓ(τ·(y·s − m)) and its gradient by every score, w the weight of the sample's class: cross-entropy is the
/// logistic one (log(1 + e^(−y·s))), squared error the squared one ((1 − y·s)² = (y − s)²). Stable for |s| up to 10⁴.
/// </summary>
public abstract class PointwiseLoss : Operation
{
    private readonly ClassWeighting _weights;

    protected PointwiseLoss(ComputeDevice device, PointwiseForm form, int maxCount)
        : base(device)
    {
        Form = form;
        MaxCount = maxCount;
        _weights = new ClassWeighting(device, form.ClassWeights, form.Scores);
    }

    public PointwiseForm Form { get; }

    /// <summary>Largest number of scores, those of all samples together.</summary>
    public int MaxCount { get; }

    /// <summary>[classes].</summary>
    protected Tensor<float> Weights => _weights.Values;

    public static PointwiseLoss Create(ComputeDevice device, Surrogate surrogate, int maxCount, float temperature = 1f, float margin = 0f) =>
        Create(device, new PointwiseForm(surrogate, temperature, margin), maxCount);

    /// <exception cref="ArgumentException">Weights that are not one for each class, finite and at least 0.</exception>
    public static PointwiseLoss Create(ComputeDevice device, PointwiseForm form, int maxCount)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(form.Scores, 1, nameof(form));
        return device switch
        {
            SimdDevice simd => new PointwiseLossSimd(simd, form, maxCount),
            IlgpuDevice ilgpu => new PointwiseLossIlgpu(ilgpu, form, maxCount),
            _ => throw NoKernel(device, nameof(PointwiseLoss)),
        };
    }

    /// <summary>loss[0] = mean over scores; dScores[i] = its derivative by scores[i]. Shapes as in <see cref="PairwiseDifference"/>; of several scores a sample's lie together.</summary>
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

    protected override void Dispose(bool disposing)
    {
        _weights.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The form of a pointwise loss: the mean over scores of w·ℓ(τ·(y·s − m)).</summary>
/// <param name="Surrogate">ℓ.</param>
/// <param name="Temperature">τ.</param>
/// <param name="Margin">m.</param>
/// <param name="Scores">Scores of a sample: 1 for two classes, else one for each class.</param>
/// <param name="ClassWeights">w of each class, of two the positive one first; null for 1.</param>
public sealed record PointwiseForm(Surrogate Surrogate, float Temperature = 1f, float Margin = 0f, int Scores = 1, IReadOnlyList<float>? ClassWeights = null);
