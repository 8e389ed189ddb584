using Differential.Kernels.Convolution;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Tensors;

namespace Differential.Core.Layers;

/// <summary>2-D convolution with an optional bias; a ReLU behind it is folded in.</summary>
public sealed class ConvLayer : Layer
{
    internal ConvLayer(int index, Shape input, Conv2dGeometry geometry, bool bias)
        : base(index, input, new Shape(geometry.OutputHeight, geometry.OutputWidth, geometry.Filters))
    {
        Geometry = geometry;
        BiasLength = bias ? geometry.Filters : 0;
        Weight = new Shape(geometry.Filters, geometry.Channels, geometry.Size, geometry.Size);
    }

    public Conv2dGeometry Geometry { get; }

    /// <summary>[filters, channels, size, size].</summary>
    public override Shape Weight { get; }

    public override int BiasLength { get; }

    public override int FanIn => Geometry.Channels * Geometry.Size * Geometry.Size;

    internal override bool TakesRelu => true;

    internal static ConvLayer Create(int index, Shape input, ConvOptions options)
    {
        LayerChecks.Image(index, "conv", input);
        LayerChecks.Range(index, "filters", options.Filters, 1, 65_536);
        LayerChecks.Range(index, "size", options.Size, 1, 1_024);
        LayerChecks.Range(index, "stride", options.Stride, 1, 1_024);
        LayerChecks.Range(index, "padding", options.Padding, 0, 1_024);
        LayerChecks.Window(index, options.Size, input, options.Padding);
        var geometry = new Conv2dGeometry(input[0], input[1], input[2], options.Filters, options.Size, options.Stride, options.Padding);
        LayerChecks.Elements(index, "the weights", options.Filters, input[2], options.Size, options.Size);
        LayerChecks.Elements(index, "the output of one image", geometry.OutputHeight, geometry.OutputWidth, options.Filters);
        return new ConvLayer(index, input, geometry, options.Bias);
    }

    internal override PlannedLayer Plan(Network network, int maxBatch, bool relu) => new Planned(this, network, maxBatch, relu);

    private sealed class Planned(ConvLayer layer, Network network, int maxBatch, bool relu) : PlannedLayer
    {
        private readonly Conv2d _convolution = Conv2d.Create(network.Device, layer.Geometry, maxBatch);
        private readonly Relu? _relu = relu ? Relu.Create(network.Device) : null;
        private readonly Parameter _weight = network.Weight(layer)!;
        private readonly Parameter? _bias = network.Bias(layer);

        public override void Forward(Tensor<float> x, Tensor<float> y, int count) =>
            _convolution.Forward(x, _weight.Value, _bias?.Value, _relu is not null, y, count);

        public override void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count) =>
            _relu?.Backward(y, dy, dy, count * layer.Output.Length);

        public override void BackwardInput(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _convolution.BackwardInput(dy, _weight.Value, dx, count);

        public override void BackwardParameters(Tensor<float> x, Tensor<float> dy, int count) =>
            _convolution.BackwardWeight(x, dy, _weight.Gradient, _bias?.Gradient, count);

        protected override void Dispose(bool disposing)
        {
            _convolution.Dispose();
            _relu?.Dispose();
        }
    }
}
