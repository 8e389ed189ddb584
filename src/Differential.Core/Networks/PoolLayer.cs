using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Differential.Core.Onnx;
using Differential.Kernels.Devices;
using Differential.Kernels.Pooling;

namespace Differential.Core.Networks;

[Description("Max-pooling without padding.")]
public sealed record MaxPoolOptions : LayerOptions
{
    [Description("Rows and columns of the window.")]
    [Range(1, 1_024)]
    public int Size { get; init; } = 2;

    [Description("Step; the window's size by default.")]
    [Range(1, 1_024)]
    public int? Stride { get; init; }

    internal override Layer Create(LayerPlace place, Shape input) => PoolLayer.Create(place, input, PoolKind.Max, Size, Stride);
}

[Description("Average-pooling without padding.")]
public sealed record AveragePoolOptions : LayerOptions
{
    [Description("Rows and columns of the window.")]
    [Range(1, 1_024)]
    public int Size { get; init; } = 2;

    [Description("Step; the window's size by default.")]
    [Range(1, 1_024)]
    public int? Stride { get; init; }

    internal override Layer Create(LayerPlace place, Shape input) => PoolLayer.Create(place, input, PoolKind.Average, Size, Stride);
}

/// <summary>Max- or average-pooling without padding.</summary>
internal sealed class PoolLayer : Layer
{
    internal PoolLayer(LayerPlace place, Shape input, PoolKind kind, Pool2dGeometry geometry)
        : base(place, input, new Shape(geometry.OutputHeight, geometry.OutputWidth, geometry.Channels))
    {
        Kind = kind;
        Geometry = geometry;
    }

    public PoolKind Kind { get; }

    public Pool2dGeometry Geometry { get; }

    internal static PoolLayer Create(LayerPlace place, Shape input, PoolKind kind, int size, int? stride)
    {
        LayerChecks.Image(place, kind == PoolKind.Max ? "maxPool" : "averagePool", input);
        LayerChecks.Range(place, "size", size, 1, 1_024);
        LayerChecks.Range(place, "stride", stride ?? size, 1, 1_024);
        LayerChecks.Window(place, size, input, padding: 0);
        return new PoolLayer(place, input, kind, new Pool2dGeometry(input[0], input[1], input[2], size, stride ?? size));
    }

    internal override BoundLayer CreateBound(BoundValues values)
    {
        // An input takes part in at most ⌈size / stride⌉² windows.
        Pool2dGeometry g = Geometry;
        int along = (g.Size + g.Stride - 1) / g.Stride;
        int[][] windows =
        [
            .. Enumerable.Range(0, g.OutputLength).Select(output =>
            {
                (int position, int channel) = Math.DivRem(output, g.Channels);
                (int top, int left) = (position / g.OutputWidth * g.Stride, position % g.OutputWidth * g.Stride);
                return Enumerable.Range(0, g.Size * g.Size)
                    .Select(i => ((((top + (i / g.Size)) * g.Width) + left + (i % g.Size)) * g.Channels) + channel)
                    .ToArray();
            }),
        ];
        return Kind == PoolKind.Max ? new MaxPoolBoundLayer(Input.Length, windows, along) : new MeanBoundLayer(Input.Length, windows, (double)along / g.Size);
    }

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) => export.Node(
        Kind == PoolKind.Max ? "MaxPool" : "AveragePool",
        inputs,
        OnnxAttribute.Of("kernel_shape", Geometry.Size, Geometry.Size),
        OnnxAttribute.Of("strides", Geometry.Stride, Geometry.Stride));

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network);

    private sealed class Planned(PoolLayer layer, Network network) : PlannedLayer
    {
        private readonly Pool2d _pool = Pool2d.Create(network.Device, layer.Kind, layer.Geometry);

        public override bool IsInPlace => _pool.IsInPlace;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _pool.Forward(x[0], y, count);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _pool.Backward(x[0], y, dy, dx, count);

        protected override void Dispose(bool disposing) => _pool.Dispose();
    }
}
