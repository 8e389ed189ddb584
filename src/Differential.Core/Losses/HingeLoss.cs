using Differential.Kernels.Devices;
using Differential.Kernels.Pairwise;
using Differential.Kernels.Pointwise;
using Differential.Kernels.Tensors;

namespace Differential.Core.Losses;

/// <summary>The mean over samples of max(0, 1 − y·s).</summary>
public sealed class HingeLoss(ComputeDevice device, int maxCount) : Loss
{
    private readonly PointwiseLoss _operation = PointwiseLoss.Create(device, Surrogate.Hinge, maxCount);

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        _operation.Compute(scores, labels, dScores, loss, count);

    protected override void Dispose(bool disposing) => _operation.Dispose();
}
