using Differential.Kernels.Devices;

namespace Differential.Core.Losses;

/// <summary>
/// A loss over the scores of a whole batch, planned on a device. It need not be a sum of one term per sample.
/// </summary>
public abstract class Loss : IDisposable
{
    /// <summary>Plans a loss for up to <paramref name="maxCount"/> samples; the caller owns it.</summary>
    /// <param name="options">Which loss.</param>
    /// <param name="device">Where scores and labels are.</param>
    /// <param name="maxCount">Samples at most.</param>
    /// <param name="scores">Scores of a sample: 1 for two classes, else one for each class.</param>
    /// <exception cref="NotSupportedException">The options are of an unknown kind, or not for so many classes.</exception>
    public static Loss Create(LossOptions options, ComputeDevice device, int maxCount, int scores = 1) => options switch
    {
        DifferentialOptions differential when scores > 1 => new OneVsRestDifferentialLoss(differential, device, maxCount, scores),
        CrossEntropyOptions crossEntropy when scores > 1 => new SoftmaxLoss(crossEntropy, device, maxCount, scores),
        DifferentialOptions differential => new DifferentialLoss(differential, device, maxCount),
        CrossEntropyOptions crossEntropy => new LogisticLoss(crossEntropy, device, maxCount),
        SquaredErrorOptions => new SquaredErrorLoss(device, maxCount, scores),
        HingeOptions => new HingeLoss(device, maxCount, scores),
        _ => throw new NotSupportedException($"no loss for {options?.GetType().Name ?? "null"}"),
    };

    /// <summary>loss[0] = the mean loss; dScores[i] = its derivative by scores[i]. Both are overwritten.</summary>
    /// <param name="scores">[count, scores].</param>
    /// <param name="labels">[count, scores], +1 or −1; of several scores +1 at the sample's class alone.</param>
    /// <param name="dScores">[count, scores].</param>
    /// <param name="loss">[1].</param>
    /// <param name="count">Number of samples.</param>
    public abstract void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
