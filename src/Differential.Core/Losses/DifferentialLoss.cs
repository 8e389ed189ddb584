using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Losses;

/// <summary>
/// Differential training: the mean over pairs of opposite classes of ℓ(τ(s(x) − s(y) − 2m)). A constant added to all scores
/// changes nothing, so the last bias stays where it was and the threshold is fitted afterwards.
/// </summary>
public sealed class DifferentialLoss(DifferentialOptions options, ComputeDevice device, int maxCount) : Loss
{
    private readonly PairwiseDifference _operation = PairwiseDifference.Create(
        device,
        new PairwiseForm(options.Surrogate, options.Pairs, (float)options.Temperature, (float)options.Margin),
        Math.Max(maxCount, 2));

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        _operation.Compute(scores, labels, dScores, loss, count);

    protected override void Dispose(bool disposing) => _operation.Dispose();
}
