using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Optimizers;

[Description("Stochastic gradient descent as PyTorch defines it.")]
public sealed record SgdOptions : OptimizerOptions
{
    [Description("How far a step goes; the first value where a schedule lowers it.")]
    [Range(1e-12, 1e6)]
    public double LearningRate { get; init; } = 0.02;

    [Description("Share of the previous step's direction that each step keeps.")]
    [Range(0.0, 0.999999)]
    public double Momentum { get; init; }

    [Description("Nesterov's form of the momentum.")]
    public bool Nesterov { get; init; }

    [Description("Share of each parameter that is added to its gradient.")]
    [Range(0.0, 1e3)]
    public double WeightDecay { get; init; }

    [JsonIgnore]
    public override double InitialLearningRate => LearningRate;

    public override Optimizer CreateOptimizer(Network network) => new Sgd(this, network);
}

/// <summary>Stochastic gradient descent with momentum, Nesterov's form and weight decay, as PyTorch defines them.</summary>
internal sealed class Sgd : Optimizer
{
    private readonly SgdOptions _options;
    private readonly SgdUpdate _update;
    private readonly Tensor<float> _velocity;

    public Sgd(SgdOptions options, Network network)
        : base(options, network, numbers: 1)
    {
        _options = options;
        _update = SgdUpdate.Create(network.Device);
        _velocity = Remember("velocity");
    }

    protected override void SetNumbers(long stepsBefore, float learningRate, Span<float> numbers) => numbers[0] = learningRate;

    protected override void Update(Tensor<float> loss) => _update.Step(
        Network.ParameterValues,
        Network.ParameterGradients,
        _velocity,
        Numbers,
        (float)_options.Momentum,
        _options.Nesterov,
        (float)_options.WeightDecay);

    protected override void Dispose(bool disposing)
    {
        _update.Dispose();
        base.Dispose(disposing);
    }
}
