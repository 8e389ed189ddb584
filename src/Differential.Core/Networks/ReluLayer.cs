using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

/// <summary>max(x, 0). Behind a convolution or a dense layer it is folded into that layer's store.</summary>
public sealed class ReluLayer : Layer
{
    internal ReluLayer(int index, Shape input)
        : base(index, input, input)
    {
    }

    internal override PlannedLayer Plan(Network network, int maxBatch, bool relu) => new Planned(this, network);

    private sealed class Planned(ReluLayer layer, Network network) : PlannedLayer
    {
        private readonly Relu _relu = Relu.Create(network.Device);

        public override void Forward(Tensor<float> x, Tensor<float> y, int count) => _relu.Forward(x, y, count * layer.Input.Length);

        public override void BackwardInput(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _relu.Backward(y, dy, dx, count * layer.Input.Length);

        protected override void Dispose(bool disposing) => _relu.Dispose();
    }
}
