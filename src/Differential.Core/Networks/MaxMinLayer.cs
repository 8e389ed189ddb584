using System.ComponentModel;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

[Description("Sorts each pair of neighbouring channels, the larger first (GroupSort 2); an even number of channels.")]
public sealed record MaxMinOptions : LayerOptions
{
    internal override Layer Create(LayerPlace place, Shape input) => MaxMinLayer.Create(place, input);
}

/// <summary>Sorts each pair of channels 2i and 2i + 1, the larger first.</summary>
public sealed class MaxMinLayer : Layer
{
    internal MaxMinLayer(LayerPlace place, Shape input)
        : base(place, input, input)
    {
    }

    internal static MaxMinLayer Create(LayerPlace place, Shape input)
    {
        int channels = input[input.Rank - 1];
        if (channels % 2 != 0)
        {
            throw new ArchitectureException(place, $"maxMin on {channels} channels", "an even number of channels or units before it");
        }

        return new MaxMinLayer(place, input);
    }

    internal override BoundLayer CreateBound(BoundValues values) => new MaxMinBoundLayer(Input.Length);

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network);

    private sealed class Planned(MaxMinLayer layer, Network network) : PlannedLayer
    {
        private readonly MaxMin _maxMin = MaxMin.Create(network.Device);

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _maxMin.Forward(x[0], y, count * layer.Input.Length);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _maxMin.Backward(x[0], dy, dx, count * layer.Input.Length);

        protected override void Dispose(bool disposing) => _maxMin.Dispose();
    }
}
