using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Core.Losses;

/// <summary>
/// A loss over the scores of a whole batch, planned on a device. It need not be a sum of one term per sample.
/// </summary>
public abstract class Loss : IDisposable
{
    /// <summary>Plans a loss for up to <paramref name="maxCount"/> scores; the caller owns it.</summary>
    /// <exception cref="NotSupportedException">The options are of an unknown kind.</exception>
    public static Loss Create(LossOptions options, ComputeDevice device, int maxCount) => options switch
    {
        DifferentialOptions differential => new DifferentialLoss(differential, device, maxCount),
        CrossEntropyOptions crossEntropy => new LogisticLoss(crossEntropy, device, maxCount),
        SquaredErrorOptions => new SquaredErrorLoss(device, maxCount),
        HingeOptions => new HingeLoss(device, maxCount),
        _ => throw new NotSupportedException($"no loss for {options?.GetType().Name ?? "null"}"),
    };

    /// <summary>loss[0] = the mean loss; dScores[i] = its derivative by scores[i]. Both are overwritten.</summary>
    /// <param name="scores">[count].</param>
    /// <param name="labels">[count], +1 or −1.</param>
    /// <param name="dScores">[count].</param>
    /// <param name="loss">[1].</param>
    /// <param name="count">Number of scores.</param>
    public abstract void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
