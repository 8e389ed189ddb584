using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Optimizers;

/// <summary>Stochastic gradient descent with momentum, Nesterov's form and weight decay, as PyTorch defines them.</summary>
public sealed class Sgd : Optimizer
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
