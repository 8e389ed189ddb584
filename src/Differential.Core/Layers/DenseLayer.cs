using Differential.Kernels.Elementwise;
using Differential.Kernels.Gemm;
using Differential.Kernels.Tensors;

namespace Differential.Core.Layers;

/// <summary>Dense layer with an optional bias; a ReLU behind it is folded in.</summary>
public sealed class DenseLayer : Layer
{
    internal DenseLayer(int index, Shape input, int units, bool bias)
        : base(index, input, new Shape(units))
    {
        Units = units;
        BiasLength = bias ? units : 0;
        Weight = new Shape(units, input.Length);
    }

    public int Units { get; }

    /// <summary>[units, inputs].</summary>
    public override Shape Weight { get; }

    public override int BiasLength { get; }

    public override int FanIn => Input.Length;

    internal override bool TakesRelu => true;

    internal static DenseLayer Create(int index, Shape input, DenseOptions options)
    {
        LayerChecks.Range(index, "units", options.Units, 1, 1_048_576);
        LayerChecks.Elements(index, "the weights", options.Units, input.Length);
        return new DenseLayer(index, input, options.Units, options.Bias);
    }

    internal override PlannedLayer Plan(Network network, int maxBatch, bool relu) => new Planned(this, network, maxBatch, relu);

    private sealed class Planned(DenseLayer layer, Network network, int maxBatch, bool relu) : PlannedLayer
    {
        private readonly Dense _dense = Dense.Create(network.Device, layer.Input.Length, layer.Units, maxBatch);
        private readonly Relu? _relu = relu ? Relu.Create(network.Device) : null;
        private readonly Parameter _weight = network.Weight(layer)!;
        private readonly Parameter? _bias = network.Bias(layer);

        public override void Forward(Tensor<float> x, Tensor<float> y, int count) =>
            _dense.Forward(x, _weight.Value, _bias?.Value, _relu is not null, y, count);

        public override void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count) =>
            _relu?.Backward(y, dy, dy, count * layer.Units);

        public override void BackwardInput(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _dense.BackwardInput(dy, _weight.Value, dx, count);

        public override void BackwardParameters(Tensor<float> x, Tensor<float> dy, int count) =>
            _dense.BackwardWeight(x, dy, _weight.Gradient, _bias?.Gradient, count);

        protected override void Dispose(bool disposing)
        {
            _dense.Dispose();
            _relu?.Dispose();
        }
    }
}
