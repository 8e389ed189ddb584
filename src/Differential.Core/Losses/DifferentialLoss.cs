using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;
using Differential.Kernels.Losses;

namespace Differential.Core.Losses;

[Description("The mean over pairs of opposite classes of ℓ(τ(s(x) − s(y) − 2m)): differential training. Of three classes or more the mean over classes a and pairs of a sample x of a and y of another class of ℓ(τ(z_a(x) − z_a(y) − 2m)).")]
public sealed record DifferentialOptions : LossOptions
{
    [Description("ℓ: logistic log(1 + e^−d), squared (1 − d)², hinge max(0, 1 − d), exponential e^−d, linear −d (which has no lower bound: for networks of kind lipschitz).")]
    public Surrogate Surrogate { get; init; } = Surrogate.Logistic;

    [Description("All opposite-class pairs of the batch, or, of two classes, the i-th with the i-th.")]
    public PairSelection Pairs { get; init; } = PairSelection.All;

    [Description("τ: how sharply differences of scores count. Networks of kind lipschitz, whose scores are small, need more than 1.")]
    [Range(1e-6, 1e6)]
    public Setting Temperature { get; init; } = 1;

    [Description("m: a pair is asked to differ by twice this much.")]
    [Range(0.0, 1e6)]
    public Setting Margin { get; init; }

    [JsonIgnore]
    public override string Name => "differential";

    [JsonIgnore]
    public override ThresholdRule DefaultThreshold => ThresholdRule.Fitted;

    [JsonIgnore]
    public override bool NeedsPairs => true;

    public override IReadOnlyList<LossOptions> Choices() =>
        [.. from temperature in Temperature.Choices from margin in Margin.Choices select this with { Temperature = temperature, Margin = margin }];

    public override Loss CreateLoss(ComputeDevice device, int maxCount, int scores = 1, IReadOnlyList<int>? classCounts = null) =>
        scores == 1 ? new DifferentialLoss(this, device, maxCount) : new OneVsRestDifferentialLoss(this, device, maxCount, scores);
}

/// <summary>
/// Differential training: the mean over pairs of opposite classes of ℓ(τ(s(x) − s(y) − 2m)). A constant added to all scores
/// changes nothing, so the last bias stays where it was and the threshold is fitted afterwards.
/// </summary>
internal sealed class DifferentialLoss(DifferentialOptions options, ComputeDevice device, int maxCount) : Loss
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
