using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Networks;

/// <summary>
/// Images to vectors in channel, row, column order, as weights in files expect them; activations are channels last,
/// so this is a transposition unless there is one channel or one pixel.
/// </summary>
public sealed class FlattenLayer : Layer
{
    internal FlattenLayer(int index, Shape input)
        : base(index, input, new Shape(input.Length))
    {
    }

    internal override bool IsIdentity => Input.Rank == 1 || Input[2] == 1 || Input[0] * Input[1] == 1;

    internal override PlannedLayer Plan(Network network, int maxBatch, bool relu) => new Planned(this, network);

    private sealed class Planned(FlattenLayer layer, Network network) : PlannedLayer
    {
        private readonly ChannelOrder _order = ChannelOrder.Create(network.Device, layer.Input[0] * layer.Input[1], layer.Input[2]);

        public override void Forward(Tensor<float> x, Tensor<float> y, int count) => _order.ToChannelsFirst(x, y, count);

        public override void BackwardInput(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _order.ToChannelsLast(dy, dx, count);

        protected override void Dispose(bool disposing) => _order.Dispose();
    }
}
