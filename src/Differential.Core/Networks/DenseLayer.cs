using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Gemm;

namespace Differential.Core.Networks;

/// <summary>Dense layer with an optional bias; a ReLU behind it is folded in.</summary>
public sealed class DenseLayer : Layer
{
    internal DenseLayer(int index, Shape input, DenseOptions options)
        : base(index, input, new Shape(options.Units))
    {
        Units = options.Units;
        BiasLength = options.Bias ? Units : 0;
        IsLipschitz = options.Lipschitz;
        Orthogonality = options.Orthogonality;
        Weight = new Shape(Units, input.Length);
    }

    public int Units { get; }

    /// <summary>[units, inputs].</summary>
    public override Shape Weight { get; }

    public override int BiasLength { get; }

    public override int FanIn => Input.Length;

    public override bool IsLipschitz { get; }

    public override double Orthogonality { get; }

    internal override bool TakesRelu => true;

    internal static DenseLayer Create(int index, Shape input, DenseOptions options)
    {
        LayerChecks.Range(index, "units", options.Units, 1, 1_048_576);
        LayerChecks.Elements(index, "the weights", options.Units, input.Length);
        return new DenseLayer(index, input, options);
    }

    internal override PlannedLayer Plan(Network network, int maxBatch, bool relu) => new Planned(this, network, maxBatch, relu);

    internal override LayerOperator CreateOperator(ComputeDevice device, int maxBatch) => new Operator(this, device, maxBatch);

    private sealed class Operator(DenseLayer layer, ComputeDevice device, int maxBatch) : LayerOperator(maxBatch)
    {
        private readonly Dense _dense = Dense.Create(device, layer.Input.Length, layer.Units, maxBatch);

        public override Shape Input => layer.Input;

        public override Shape Output => layer.Output;

        public override int Positions => 1;

        public override void Apply(Tensor<float> weight, Tensor<float> x, Tensor<float> y, int count) => _dense.Forward(x, weight, null, false, y, count);

        public override void ApplyTransposed(Tensor<float> weight, Tensor<float> y, Tensor<float> x, int count) => _dense.BackwardInput(y, weight, x, count);

        public override void Outer(Tensor<float> x, Tensor<float> y, Tensor<float> dWeight, int count) => _dense.BackwardWeight(x, y, dWeight, null, count);

        protected override void Dispose(bool disposing) => _dense.Dispose();
    }

    private sealed class Planned(DenseLayer layer, Network network, int maxBatch, bool relu) : PlannedLayer
    {
        private readonly Dense _dense = Dense.Create(network.Device, layer.Input.Length, layer.Units, maxBatch);
        private readonly Relu? _relu = relu ? Relu.Create(network.Device) : null;
        private readonly Parameter _weight = network.Weight(layer)!;
        private readonly UnitNorm? _norm = network.Norm(layer);
        private readonly Tensor<float> _effective = network.EffectiveWeight(layer);
        private readonly Parameter? _bias = network.Bias(layer);

        public override void Forward(Tensor<float> x, Tensor<float> y, int count) =>
            _dense.Forward(x, _effective, _bias?.Value, _relu is not null, y, count);

        public override void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count) =>
            _relu?.Backward(y, dy, dy, count * layer.Units);

        public override void BackwardInput(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _dense.BackwardInput(dy, _effective, dx, count);

        public override void BackwardParameters(Tensor<float> x, Tensor<float> dy, int count)
        {
            _dense.BackwardWeight(x, dy, _weight.Gradient, _bias?.Gradient, count);
            _norm?.Backward();
        }

        protected override void Dispose(bool disposing)
        {
            _dense.Dispose();
            _relu?.Dispose();
        }
    }
}
