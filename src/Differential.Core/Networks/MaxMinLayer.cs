using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

/// <summary>Sorts each pair of channels 2i and 2i + 1, the larger first.</summary>
public sealed class MaxMinLayer : Layer
{
    internal MaxMinLayer(int index, Shape input)
        : base(index, input, input)
    {
    }

    internal static MaxMinLayer Create(int index, Shape input)
    {
        int channels = input[input.Rank - 1];
        if (channels % 2 != 0)
        {
            throw new ArchitectureException(index, $"maxMin on {channels} channels", "an even number of channels or units before it");
        }

        return new MaxMinLayer(index, input);
    }

    internal override PlannedLayer Plan(Network network, int maxBatch, bool relu) => new Planned(this, network);

    private sealed class Planned(MaxMinLayer layer, Network network) : PlannedLayer
    {
        private readonly MaxMin _maxMin = MaxMin.Create(network.Device);

        public override void Forward(Tensor<float> x, Tensor<float> y, int count) => _maxMin.Forward(x, y, count * layer.Input.Length);

        public override void BackwardInput(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _maxMin.Backward(x, dy, dx, count * layer.Input.Length);

        protected override void Dispose(bool disposing) => _maxMin.Dispose();
    }
}
