using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Losses;

[Description("Cross-entropy with labels ±1: log(1 + e^(−τ(y·s − m))); of three classes or more the softmax's: log(1 + Σ e^(−τ(z_y − z_k − m))) over the other classes k.")]
public sealed record CrossEntropyOptions : LossOptions
{
    [Description("τ: how sharply scores count. Networks of kind lipschitz, whose scores are small, need more than 1.")]
    [Range(1e-6, 1e6)]
    public double Temperature { get; init; } = 1;

    [Description("m: a score is asked to be this far on its side.")]
    [Range(0.0, 1e6)]
    public double Margin { get; init; }

    [JsonIgnore]
    public override string Name => "crossEntropy";

    public override Loss CreateLoss(ComputeDevice device, int maxCount, int scores = 1) =>
        scores == 1 ? new LogisticLoss(this, device, maxCount) : new SoftmaxLoss(this, device, maxCount, scores);
}

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
