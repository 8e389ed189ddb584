using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Losses;

/// <summary>The mean over samples of max(0, 1 − y·s); of several scores over all of them, y = +1 at the sample's class and −1 elsewhere.</summary>
public sealed class HingeLoss(ComputeDevice device, int maxCount, int scoreCount = 1) : Loss
{
    private readonly PointwiseLoss _operation = PointwiseLoss.Create(device, Surrogate.Hinge, maxCount * scoreCount);

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        _operation.Compute(scores, labels, dScores, loss, count * scoreCount);

    protected override void Dispose(bool disposing) => _operation.Dispose();
}
