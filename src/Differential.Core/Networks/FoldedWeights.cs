using Differential.Kernels.Devices;
using Differential.Kernels.Normalization;

namespace Differential.Core.Networks;

/// <summary>
/// What a linear layer of a plan multiplies with and adds: the network's own tensors, or, with a batch normalisation folded in, its own copies,
/// which are made anew at each forward pass, since the network's values may have changed.
/// </summary>
internal sealed class FoldedWeights : IDisposable
{
    private readonly OwnedResources _owned = new();
    private readonly Tensor<float> _source;
    private readonly Tensor<float>? _sourceBias;
    private readonly BatchNorm? _norm;
    private readonly BatchNormValues _values;

    /// <param name="network">The network.</param>
    /// <param name="layer">A linear layer of it.</param>
    /// <param name="norm">What is folded in; null for nothing.</param>
    public FoldedWeights(Network network, Layer layer, BatchNormLayer? norm)
    {
        _source = Weight = network.EffectiveWeight(layer);
        _sourceBias = Bias = network.Bias(layer)?.Value;
        if (norm is null)
        {
            return;
        }

        try
        {
            _values = norm.Values(network);
            _norm = _owned.Add(norm.CreateOperation(network, 1));
            Weight = _owned.Add(network.Device.Allocate(_source.Shape));
            Bias = _owned.Add(network.Device.Allocate(new Shape(norm.Channels)));
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    public Tensor<float> Weight { get; }

    public Tensor<float>? Bias { get; }

    /// <summary>Brings the copies up to date.</summary>
    public void Update() => _norm?.Fold(_source, _sourceBias, _values, Weight, Bias!);

    public void Dispose() => _owned.Dispose();
}
