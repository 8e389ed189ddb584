using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Pooling;

namespace Differential.Core.Certificates;

/// <summary>A network's layers for bounds.</summary>
internal static class BoundNetwork
{
    public static IReadOnlyList<BoundLayer> Of(Network network)
    {
        network.EnsureNorms();
        return [.. network.Architecture.Layers.Where(static layer => !layer.IsIdentity).Select(layer => Create(network, layer))];
    }

    private static BoundLayer Create(Network network, Layer layer) => layer switch
    {
        ConvLayer conv => new ConvBoundLayer(conv.Geometry, Weight(network, layer), Bias(network, layer)),
        DenseLayer dense => new DenseBoundLayer(dense.Input.Length, dense.Units, Weight(network, layer), Bias(network, layer)),
        ReluLayer => new ReluBoundLayer(layer.Input.Length),
        MaxMinLayer => new MaxMinBoundLayer(layer.Input.Length),
        FlattenLayer => new MeanBoundLayer(layer.Input.Length, ChannelsFirst(layer.Input)),
        PoolLayer { Kind: PoolKind.Max } pool => new MaxPoolBoundLayer(layer.Input.Length, Windows(pool.Geometry)),
        PoolLayer pool => new MeanBoundLayer(layer.Input.Length, Windows(pool.Geometry)),
        _ => throw new NotSupportedException($"no bounds of {layer.GetType().Name}"),
    };

    private static float[] Weight(Network network, Layer layer) => network.EffectiveWeight(layer).ToArray();

    private static float[]? Bias(Network network, Layer layer) => network.Bias(layer)?.Value.ToArray();

    /// <summary>Where each element of the channel, row, column order lies in an image with its channels last.</summary>
    private static int[][] ChannelsFirst(Shape image)
    {
        (int pixels, int channels) = (image[0] * image[1], image[2]);
        return [.. Enumerable.Range(0, image.Length).Select(i => new[] { (i % pixels * channels) + (i / pixels) })];
    }

    private static int[][] Windows(Pool2dGeometry g) =>
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
}
