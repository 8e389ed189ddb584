using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;
using Differential.Kernels.Losses;
using Differential.Kernels.Rows;

namespace Differential.Core.Losses;

[Description("Hinge and Kantorovich-Rubinstein (Serrurier et al. 2021), for networks of kind lipschitz: the mean over pairs of opposite classes of s(y) − s(x) (the differential loss with the linear surrogate) plus weight times the mean over samples of max(0, margin − y·s). Of three classes or more each class against the rest.")]
public sealed record HkrOptions : PointwiseLossOptions
{
    [Description("λ: how much the hinge counts beside the difference of the classes' mean scores.")]
    [Range(0.0, 1e6)]
    public Setting Weight { get; init; } = 10;

    [Description("How far a score is asked to be on its side.")]
    [Range(0.0, 1e6)]
    public Setting Margin { get; init; } = 1;

    [JsonIgnore]
    public override string Name => "hkr";

    public override IReadOnlyList<LossOptions> Choices() =>
        [.. from weight in Weight.Choices from margin in Margin.Choices select this with { Weight = weight, Margin = margin }];

    public override Loss CreateLoss(ComputeDevice device, int maxCount, int scores = 1, IReadOnlyList<int>? classCounts = null) =>
        new HkrLoss(this, Weights(classCounts), device, maxCount, scores);
}

/// <summary>
/// Hinge and Kantorovich-Rubinstein loss (Serrurier et al. 2021, equation 11): mean(s(y)) − mean(s(x)) over negative y and positive x of the
/// batch, plus λ·mean max(0, m − y·s). A batch that lacks a class has no first part.
/// </summary>
internal sealed class HkrLoss : Loss
{
    private readonly OwnedResources _owned = new();
    private readonly Loss _pairs;
    private readonly PointwiseLoss _hinge;
    private readonly RowArithmetic _rows;
    private readonly RowArithmetic _sums;
    private readonly Tensor<float> _ones;
    private readonly Tensor<float> _weights;
    private readonly Tensor<float> _slopes;
    private readonly Tensor<float> _value;
    private readonly int _scores;

    public HkrLoss(HkrOptions options, IReadOnlyList<float>? classWeights, ComputeDevice device, int maxCount, int scores)
    {
        _scores = scores;
        try
        {
            _pairs = _owned.Add(new DifferentialOptions { Surrogate = Surrogate.Linear }.CreateLoss(device, maxCount, scores));

            // max(0, m − y·s) = max(0, 1 − (y·s − (m − 1))).
            var hinge = new PointwiseForm(Surrogate.Hinge, 1, (float)(options.Margin - 1), scores, classWeights);
            _hinge = _owned.Add(PointwiseLoss.Create(device, hinge, maxCount * scores));
            _rows = _owned.Add(RowArithmetic.Create(device, scores, maxCount));
            _sums = _owned.Add(RowArithmetic.Create(device, 1, 1));
            _ones = _owned.Add(device.Allocate(new Shape(maxCount)));
            _ones.Fill(1f);
            _weights = _owned.Add(device.Allocate(new Shape(maxCount)));
            _weights.Fill((float)options.Weight);
            _slopes = _owned.Add(device.Allocate(new Shape(maxCount * scores)));
            _value = _owned.Add(device.Allocate(new Shape(1)));
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        _pairs.Compute(scores, labels, dScores, loss, count);
        _hinge.Compute(scores, labels, _slopes, _value, count * _scores);
        _rows.Combine(_ones, dScores, _weights, _slopes, dScores, count);
        _sums.Combine(_ones, loss, _weights, _value, loss, 1);
    }

    protected override void Dispose(bool disposing) => _owned.Dispose();
}
