using System.ComponentModel;
using System.Text.Json.Serialization;
using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Losses;

[Description("(y − s)²; of three classes or more the mean over their scores, y = 1 at the own class and −1 elsewhere.")]
public sealed record SquaredErrorOptions : PointwiseLossOptions
{
    [JsonIgnore]
    public override string Name => "squaredError";

    public override Loss CreateLoss(ComputeDevice device, int maxCount, int scores = 1, IReadOnlyList<int>? classCounts = null) =>
        new SquaredErrorLoss(device, maxCount, scores, Weights(classCounts));
}

/// <summary>The mean over samples of (y − s)² = (1 − y·s)²; of several scores over all of them, y = +1 at the sample's class and −1 elsewhere.</summary>
internal sealed class SquaredErrorLoss(ComputeDevice device, int maxCount, int scoreCount = 1, IReadOnlyList<float>? weights = null) : Loss
{
    private readonly PointwiseLoss _operation = PointwiseLoss.Create(
        device, new PointwiseForm(Surrogate.Squared, Scores: scoreCount, ClassWeights: weights), maxCount * scoreCount);

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        _operation.Compute(scores, labels, dScores, loss, count * scoreCount);

    protected override void Dispose(bool disposing) => _operation.Dispose();
}
