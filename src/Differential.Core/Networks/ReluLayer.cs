using System.ComponentModel;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

[Description("max(x, 0).")]
public sealed record ReluOptions : LayerOptions
{
    internal override Layer Create(LayerPlace place, Shape input) => new ReluLayer(place, input);
}

/// <summary>max(x, 0). Behind a convolution or a dense layer it is folded into that layer's store.</summary>
internal sealed class ReluLayer : Layer
{
    internal ReluLayer(LayerPlace place, Shape input)
        : base(place, input, input)
    {
    }

    internal override BoundLayer CreateBound(BoundValues values) => new ReluBoundLayer(Input.Length);

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) => export.Node("Relu", inputs);

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network);

    private sealed class Planned(ReluLayer layer, Network network) : PlannedLayer
    {
        private readonly Relu _relu = Relu.Create(network.Device);

        public override bool ReadsInputs(PlanPurpose purpose) => false;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _relu.Forward(x[0], y, count * layer.Input.Length);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _relu.Backward(y, dy, dx, count * layer.Input.Length);

        protected override void Dispose(bool disposing) => _relu.Dispose();
    }
}
