using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

/// <summary>The sum of two outputs of one shape; a ReLU behind it is folded in. What a <see cref="ResidualOptions"/> ends with.</summary>
internal sealed class AddLayer : Layer
{
    internal AddLayer(LayerPlace place, Shape input)
        : base(place, input, input)
    {
    }

    internal override bool TakesRelu => true;

    internal override BoundLayer CreateBound(BoundValues values) => new AddBoundLayer(Output.Length);

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) => export.Node("Add", inputs);

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network, fusion.Relu);

    private sealed class Planned(AddLayer layer, Network network, bool relu) : PlannedLayer
    {
        private readonly Addition _addition = Addition.Create(network.Device);
        private readonly Relu? _relu = relu ? Relu.Create(network.Device) : null;

        public override OutputUse OutputUse => _relu is null ? OutputUse.None : OutputUse.Signs;

        public override bool ReadsInputs(PlanPurpose purpose) => false;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) =>
            _addition.Forward(x[0], x[1], y, count * layer.Output.Length, _relu is not null);

        public override void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count) =>
            _relu?.Backward(y, dy, dy, count * layer.Output.Length);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            dx.CopyFrom(dy, count * layer.Output.Length);

        protected override void Dispose(bool disposing)
        {
            _addition.Dispose();
            _relu?.Dispose();
        }
    }
}
