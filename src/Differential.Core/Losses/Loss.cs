using Differential.Kernels.Devices;

namespace Differential.Core.Losses;

/// <summary>
/// A loss over the scores of a whole batch, planned on a device. It need not be a sum of one term per sample.
/// </summary>
public abstract class Loss : IDisposable
{
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
