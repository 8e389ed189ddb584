using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Losses;

/// <summary>
/// Cross-entropy of K classes: the mean over samples of class y of log(1 + Σ e^(−τ(z_y − z_k − m))) over the other classes k, the softmax's
/// for τ = 1 and m = 0.
/// </summary>
internal sealed class SoftmaxLoss(CrossEntropyOptions options, ComputeDevice device, int maxCount, int classes, IReadOnlyList<float>? weights = null) : Loss
{
    private readonly SoftmaxCrossEntropy _operation = SoftmaxCrossEntropy.Create(device, classes, maxCount, options.Temperature, options.Margin, weights);

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        _operation.Compute(scores, labels, dScores, loss, count);

    protected override void Dispose(bool disposing) => _operation.Dispose();
}
