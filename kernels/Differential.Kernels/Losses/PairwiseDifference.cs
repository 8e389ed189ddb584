using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>Which pairs of opposite classes a differential loss takes.</summary>
public enum PairSelection
{
    /// <summary>Every positive with every negative sample.</summary>
    All,

    /// <summary>The i-th positive with the i-th negative sample, in the order of the batch.</summary>
    Matched,
}

/// <summary>The form of a pairwise loss: the mean over pairs of ℓ(τ·(s(xᵢ) − s(yⱼ) − 2m)).</summary>
/// <param name="Surrogate">ℓ.</param>
/// <param name="Pairs">Which pairs.</param>
/// <param name="Temperature">τ &gt; 0.</param>
/// <param name="Margin">m ≥ 0.</param>
public readonly record struct PairwiseForm(Surrogate Surrogate, PairSelection Pairs, float Temperature = 1f, float Margin = 0f);

/// <summary>
/// The pairwise-difference loss (Nar et al. 2019, differential training) and its gradient by every score, in one
/// pass over the pairs with no array of pairs. Stable for scores, and τ times them, up to 10³⁰ (<see cref="LargestScore"/>), as far as their differences can
/// be told; sums have a fixed order that does not depend on the number of threads. What passes the largest float saturates there instead of
/// overflowing.
/// </summary>
public abstract class PairwiseDifference : Operation
{
    /// <summary>A score with its margin, or τ times both, beyond this makes the loss and every gradient NaN: the training has diverged.</summary>
    internal const float LargestScore = 1e30f;

    protected PairwiseDifference(ComputeDevice device, PairwiseForm form, int maxCount)
        : base(device)
    {
        Form = form;
        MaxCount = maxCount;
    }

    public PairwiseForm Form { get; }

    /// <summary>Largest number of scores, both classes together.</summary>
    public int MaxCount { get; }

    public static PairwiseDifference Create(ComputeDevice device, PairwiseForm form, int maxCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 2);
        if (!(form.Temperature > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(form), form.Temperature, "the temperature must be positive");
        }

        return device switch
        {
            SimdDevice simd => new PairwiseDifferenceSimd(simd, form, maxCount),
            IlgpuDevice ilgpu => new PairwiseDifferenceIlgpu(ilgpu, form, maxCount),
            _ => throw NoKernel(device, nameof(PairwiseDifference)),
        };
    }

    /// <summary>
    /// loss[0] = mean over the pairs; dScores[i] = its derivative by scores[i]. With no sample of one class, all are 0.
    /// </summary>
    /// <param name="scores">[count].</param>
    /// <param name="labels">[count], +1 or −1.</param>
    /// <param name="dScores">[count], overwritten.</param>
    /// <param name="loss">[1], overwritten.</param>
    /// <param name="count">Number of scores.</param>
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
