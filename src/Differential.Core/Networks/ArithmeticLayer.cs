using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

/// <summary>The difference, product or quotient of two outputs of one shape.</summary>
internal sealed class ArithmeticLayer : ImportedLayer
{
    internal ArithmeticLayer(LayerPlace place, Shape input, ArithmeticKind kind)
        : base(place, input, input) => Kind = kind;

    public ArithmeticKind Kind { get; }

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network.Device);

    private sealed class Planned(ArithmeticLayer layer, ComputeDevice device) : PlannedLayer
    {
        private readonly ElementArithmetic _arithmetic = ElementArithmetic.Create(device, layer.Kind);

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _arithmetic.Forward(x[0], x[1], y, count * layer.Output.Length);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _arithmetic.Backward(input, x[0], x[1], dy, dx, count * layer.Output.Length);

        protected override void Dispose(bool disposing) => _arithmetic.Dispose();
    }
}
