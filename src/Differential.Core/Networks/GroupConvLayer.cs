using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

/// <summary>2-D convolution with groups, dilations, and steps and paddings of their own in each direction; a ReLU and a batch normalisation behind it are folded in.</summary>
internal sealed class GroupConvLayer : ImportedLayer
{
    internal GroupConvLayer(LayerPlace place, Shape input, GroupConv2dGeometry geometry, bool bias)
        : base(place, input, new Shape(geometry.OutputHeight, geometry.OutputWidth, geometry.Filters))
    {
        Geometry = geometry;
        BiasLength = bias ? geometry.Filters : 0;
        Weight = new Shape(geometry.Filters, geometry.GroupChannels, geometry.Vertical.Size, geometry.Horizontal.Size);
    }

    public GroupConv2dGeometry Geometry { get; }

    /// <summary>[filters, channels / groups, rows, columns].</summary>
    public override Shape Weight { get; }

    public override int BiasLength { get; }

    public override int FanIn => Geometry.GroupChannels * Geometry.Vertical.Size * Geometry.Horizontal.Size;

    internal override bool TakesRelu => true;

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network, fusion);

    private sealed class Planned(GroupConvLayer layer, Network network, Fusion fusion) : PlannedLayer
    {
        private readonly GroupConv2d _convolution = GroupConv2d.Create(network.Device, layer.Geometry);
        private readonly Relu? _relu = fusion.Relu ? Relu.Create(network.Device) : null;
        private readonly FoldedWeights _folded = new(network, layer, fusion.Norm);

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode)
        {
            _folded.Update();
            _convolution.Forward(x[0], _folded.Weight, _folded.Bias, y, count);
            _relu?.Forward(y, y, count * layer.Output.Length);
        }

        public override void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count) => _relu?.Backward(y, dy, dy, count * layer.Output.Length);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _convolution.BackwardInput(dy, _folded.Weight, dx, count);

        public override void BackwardParameters(Tensor<float>[] x, Tensor<float> dy, int count) =>
            throw new NotSupportedException($"{layer.Place}: networks from other programs are not trained");

        protected override void Dispose(bool disposing)
        {
            _convolution.Dispose();
            _relu?.Dispose();
            _folded.Dispose();
        }
    }
}
