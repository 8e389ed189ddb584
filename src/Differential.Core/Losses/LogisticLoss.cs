using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Losses;

/// <summary>Cross-entropy of labels ±1: the mean over samples of log(1 + e^(−τ(y·s − m))).</summary>
public sealed class LogisticLoss(CrossEntropyOptions options, ComputeDevice device, int maxCount) : Loss
{
    private readonly PointwiseLoss _operation = PointwiseLoss.Create(
        device, Surrogate.Logistic, maxCount, (float)options.Temperature, (float)options.Margin);

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        _operation.Compute(scores, labels, dScores, loss, count);

    protected override void Dispose(bool disposing) => _operation.Dispose();
}
