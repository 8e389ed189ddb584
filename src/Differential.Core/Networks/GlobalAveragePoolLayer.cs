using System.ComponentModel;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;
using Differential.Kernels.Pooling;

namespace Differential.Core.Networks;

[Description("The mean of each channel over the whole image: images of one pixel.")]
public sealed record GlobalAveragePoolOptions : LayerOptions
{
    internal override Layer Create(LayerPlace place, Shape input) => GlobalAveragePoolLayer.Create(place, input);
}

/// <summary>[height, width, channels] to [1, 1, channels].</summary>
internal sealed class GlobalAveragePoolLayer : Layer
{
    private GlobalAveragePoolLayer(LayerPlace place, Shape input)
        : base(place, input, new Shape(1, 1, input[2]))
    {
    }

    internal static GlobalAveragePoolLayer Create(LayerPlace place, Shape input)
    {
        LayerChecks.Image(place, "globalAveragePool", input);
        return new GlobalAveragePoolLayer(place, input);
    }

    internal override BoundLayer CreateBound(BoundValues values)
    {
        (int pixels, int channels) = (Input[0] * Input[1], Input[2]);
        int[][] members = [.. Enumerable.Range(0, channels).Select(channel => Enumerable.Range(0, pixels).Select(pixel => (pixel * channels) + channel).ToArray())];
        return new MeanBoundLayer(Input.Length, members, 1 / Math.Sqrt(pixels) * (1 + (4 * SumRounding.DoubleUnit)));
    }

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) => export.Node("GlobalAveragePool", inputs);

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network);

    private sealed class Planned(GlobalAveragePoolLayer layer, Network network) : PlannedLayer
    {
        private readonly GlobalAveragePool _pool = GlobalAveragePool.Create(network.Device, layer.Input[0] * layer.Input[1], layer.Input[2]);

        public override OutputUse OutputUse => OutputUse.None;

        public override bool ReadsInputs(PlanPurpose purpose) => false;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _pool.Forward(x[0], y, count);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _pool.Backward(dy, dx, count);

        protected override void Dispose(bool disposing) => _pool.Dispose();
    }
}
