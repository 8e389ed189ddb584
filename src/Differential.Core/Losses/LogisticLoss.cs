using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Losses;

[Description("Cross-entropy with labels ±1: log(1 + e^(−τ(y·s − m))); of three classes or more the softmax's: log(1 + Σ e^(−τ(z_y − z_k − m))) over the other classes k.")]
public sealed record CrossEntropyOptions : PointwiseLossOptions
{
    [Description("τ: how sharply scores count. Networks of kind lipschitz, whose scores are small, need more than 1.")]
    [Range(1e-6, 1e6)]
    public Setting Temperature { get; init; } = 1;

    [Description("m: a score is asked to be this far on its side.")]
    [Range(0.0, 1e6)]
    public Setting Margin { get; init; }

    [JsonIgnore]
    public override string Name => "crossEntropy";

    public override IReadOnlyList<LossOptions> Choices() =>
        [.. from temperature in Temperature.Choices from margin in Margin.Choices select this with { Temperature = temperature, Margin = margin }];

    public override Loss CreateLoss(ComputeDevice device, int maxCount, int scores = 1, IReadOnlyList<int>? classCounts = null) => scores == 1
        ? new LogisticLoss(this, device, maxCount, Weights(classCounts))
        : new SoftmaxLoss(this, device, maxCount, scores, Weights(classCounts));
}

/// <summary>Cross-entropy of labels ±1: the mean over samples of log(1 + e^(−τ(y·s − m))).</summary>
internal sealed class LogisticLoss(CrossEntropyOptions options, ComputeDevice device, int maxCount, IReadOnlyList<float>? weights = null) : Loss
{
    private readonly PointwiseLoss _operation = PointwiseLoss.Create(
        device, new PointwiseForm(Surrogate.Logistic, (float)options.Temperature, (float)options.Margin, ClassWeights: weights), maxCount);

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count) =>
        _operation.Compute(scores, labels, dScores, loss, count);

    protected override void Dispose(bool disposing) => _operation.Dispose();
}
