using Differential.Kernels.Devices;
using Differential.Kernels.Pooling;

namespace Differential.Core.Networks;

/// <summary>Max- or average-pooling without padding.</summary>
public sealed class PoolLayer : Layer
{
    internal PoolLayer(int index, Shape input, PoolKind kind, Pool2dGeometry geometry)
        : base(index, input, new Shape(geometry.OutputHeight, geometry.OutputWidth, geometry.Channels))
    {
        Kind = kind;
        Geometry = geometry;
    }

    public PoolKind Kind { get; }

    public Pool2dGeometry Geometry { get; }

    internal static PoolLayer Create(int index, Shape input, PoolKind kind, int size, int? stride)
    {
        LayerChecks.Image(index, kind == PoolKind.Max ? "maxPool" : "averagePool", input);
        LayerChecks.Range(index, "size", size, 1, 1_024);
        LayerChecks.Range(index, "stride", stride ?? size, 1, 1_024);
        LayerChecks.Window(index, size, input, padding: 0);
        return new PoolLayer(index, input, kind, new Pool2dGeometry(input[0], input[1], input[2], size, stride ?? size));
    }

    internal override PlannedLayer Plan(Network network, int maxBatch, bool relu) => new Planned(this, network);

    private sealed class Planned(PoolLayer layer, Network network) : PlannedLayer
    {
        private readonly Pool2d _pool = Pool2d.Create(network.Device, layer.Kind, layer.Geometry);

        public override void Forward(Tensor<float> x, Tensor<float> y, int count) => _pool.Forward(x, y, count);

        public override void BackwardInput(Tensor<float> x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _pool.Backward(x, y, dy, dx, count);

        protected override void Dispose(bool disposing) => _pool.Dispose();
    }
}
