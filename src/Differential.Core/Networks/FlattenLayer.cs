using System.ComponentModel;
using Differential.Core.Onnx;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Networks;

[Description("Images to vectors, in channel, row, column order.")]
public sealed record FlattenOptions : LayerOptions
{
    internal override Layer Create(LayerPlace place, Shape input) => new FlattenLayer(place, input);
}

/// <summary>
/// Images to vectors in channel, row, column order, as weights in files expect them; activations are channels last,
/// so this is a transposition unless there is one channel or one pixel.
/// </summary>
internal sealed class FlattenLayer : Layer
{
    internal FlattenLayer(LayerPlace place, Shape input)
        : base(place, input, new Shape(input.Length))
    {
    }

    internal override bool IsIdentity => Input.Rank == 1 || Input[2] == 1 || Input[0] * Input[1] == 1;

    internal override BoundLayer CreateBound(BoundValues values)
    {
        // Where each element of the channel, row, column order lies in an image with its channels last.
        (int pixels, int channels) = (Input[0] * Input[1], Input[2]);
        return new MeanBoundLayer(Input.Length, [.. Enumerable.Range(0, Input.Length).Select(i => new[] { (i % pixels * channels) + (i / pixels) })], 1);
    }

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) =>
        Input.Rank == 1 ? inputs[0] : export.Inner("Flatten", "flatten", inputs, [Output.Length], OnnxAttribute.Of("axis", 1));

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network);

    private sealed class Planned(FlattenLayer layer, Network network) : PlannedLayer
    {
        private readonly ChannelOrder _order = ChannelOrder.Create(network.Device, layer.Input[0] * layer.Input[1], layer.Input[2]);

        public override OutputUse OutputUse => OutputUse.None;

        public override bool ReadsInputs(PlanPurpose purpose) => false;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _order.ToChannelsFirst(x[0], y, count);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _order.ToChannelsLast(dy, dx, count);

        protected override void Dispose(bool disposing) => _order.Dispose();
    }
}
