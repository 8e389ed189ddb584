using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Optimizers;

[Description("Adam as PyTorch defines it, weight decay added to the gradient.")]
public sealed record AdamOptions : OptimizerOptions
{
    [Description("How far a step goes; the first value where a schedule lowers it.")]
    [Range(1e-12, 1e6)]
    public double LearningRate { get; init; } = 0.001;

    [Description("Decay of the mean of the gradients.")]
    [Range(0.0, 0.999999999)]
    public double Beta1 { get; init; } = 0.9;

    [Description("Decay of the mean of their squares.")]
    [Range(0.0, 0.999999999)]
    public double Beta2 { get; init; } = 0.999;

    [Description("Added to the root of that mean, so that nothing is divided by 0.")]
    [Range(1e-30, 1.0)]
    public double Epsilon { get; init; } = 1e-8;

    [Description("Share of each parameter that is added to its gradient.")]
    [Range(0.0, 1e3)]
    public double WeightDecay { get; init; }

    [JsonIgnore]
    public override double InitialLearningRate => LearningRate;

    public override Optimizer CreateOptimizer(Network network) => new Adam(this, network);
}

/// <summary>Adam (Kingma and Ba 2015) as PyTorch defines it, weight decay added to the gradient.</summary>
internal sealed class Adam : Optimizer
{
    private readonly AdamOptions _options;
    private readonly AdamUpdate _update;
    private readonly Tensor<float> _mean;
    private readonly Tensor<float> _variance;

    public Adam(AdamOptions options, Network network)
        : base(options, network, numbers: 2)
    {
        _options = options;
        _update = AdamUpdate.Create(network.Device);
        _mean = Remember("mean");
        _variance = Remember("variance");
    }

    protected override void SetNumbers(long stepsBefore, float learningRate, Span<float> numbers) =>
        (numbers[0], numbers[1]) = AdamUpdate.Numbers(stepsBefore + 1, learningRate, (float)_options.Beta1, (float)_options.Beta2);

    protected override void Update(Tensor<float> loss) => _update.Step(
        Network.ParameterValues,
        Network.ParameterGradients,
        _mean,
        _variance,
        Numbers,
        (float)_options.Beta1,
        (float)_options.Beta2,
        (float)_options.Epsilon,
        (float)_options.WeightDecay);

    protected override void Dispose(bool disposing)
    {
        _update.Dispose();
        base.Dispose(disposing);
    }
}
