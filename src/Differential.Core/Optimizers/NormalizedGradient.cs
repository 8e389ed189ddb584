using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Optimizers;

[Description("Full-batch steps along the gradient divided by the loss (the gradient of the loss's logarithm); the batch size is ignored.")]
public sealed record NormalizedGradientOptions : OptimizerOptions
{
    [Description("How far a step goes; the first value where a schedule lowers it.")]
    [Range(1e-12, 1e6)]
    public double LearningRate { get; init; } = 0.1;

    [Description("0, a number below 1, or \"nesterov\" (Ji, Srebro, Telgarsky 2021).")]
    public NormalizedMomentum Momentum { get; init; }

    [JsonIgnore]
    public override double InitialLearningRate => LearningRate;

    public override Optimizer CreateOptimizer(Network network) => new NormalizedGradient(this, network);
}

/// <summary>
/// Full-batch steps along the gradient of the loss's logarithm, with no momentum, a plain one, or that of Ji, Srebro and
/// Telgarsky 2021, whose carry is t/(t + 1) with t steps taken before. Nothing moves once the loss underflows to 0 in float32.
/// </summary>
internal sealed class NormalizedGradient : Optimizer
{
    private readonly NormalizedMomentum _momentum;
    private readonly NormalizedGradientUpdate _update;
    private readonly Tensor<float> _velocity;

    public NormalizedGradient(NormalizedGradientOptions options, Network network)
        : base(options, network, numbers: 2)
    {
        _momentum = options.Momentum;
        _update = NormalizedGradientUpdate.Create(network.Device);
        _velocity = Remember("velocity");
    }

    public override bool IsFullBatch => true;

    protected override void SetNumbers(long stepsBefore, float learningRate, Span<float> numbers)
    {
        numbers[0] = learningRate;
        numbers[1] = (float)(_momentum.IsNesterov ? stepsBefore / (stepsBefore + 1.0) : _momentum.Value);
    }

    protected override void Update(Tensor<float> loss) => _update.Step(Network.ParameterValues, Network.ParameterGradients, _velocity, loss, Numbers);

    protected override void Dispose(bool disposing)
    {
        _update.Dispose();
        base.Dispose(disposing);
    }
}
