using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;
using Differential.Kernels.Pooling;

namespace Differential.Core.Certificates;

/// <summary>A network as bounds see it: a copy on the host. The last layer gives the scores less their thresholds.</summary>
internal sealed class BoundNetwork
{
    /// <exception cref="NotSupportedException">A layer of a kind that has no bounds.</exception>
    public BoundNetwork(Network network)
    {
        network.EnsureNorms();
        Sources = [.. network.Architecture.Layers.Where(static layer => !layer.IsIdentity)];
        Layers = [.. Sources.Select(layer => Create(network, layer))];
        Input = new BoundInput(network.Normalization, Layers[0].Inputs);
        Scores = network.Architecture.Scores;
        Leading = Layers.TakeWhile(static layer => layer is AffineBoundLayer).Count();
        LeadingNorms = new Lazy<double[][]>(NormsOfLeading);
    }

    public BoundInput Input { get; }

    public int Scores { get; }

    public IReadOnlyList<BoundLayer> Layers { get; }

    /// <summary>The layers of the architecture, in the order of <see cref="Layers"/>.</summary>
    public IReadOnlyList<Layer> Sources { get; }

    /// <summary>Affine layers before the first other one.</summary>
    public int Leading { get; }

    /// <summary>Dual norms, by <see cref="AttackNorm"/>, of the rows of the leading layers taken together.</summary>
    public Lazy<double[][]> LeadingNorms { get; }

    /// <summary>The most that ⟨row, δ⟩ can be for ‖δ‖ ≤ 1, rounded up.</summary>
    public static double DualNorm(ReadOnlySpan<double> row, AttackNorm norm)
    {
        double value = 0;
        for (int i = 0; i < row.Length && norm == AttackNorm.Linf; i++)
        {
            value += Math.Abs(row[i]);
        }

        return (norm == AttackNorm.Linf ? value : VectorMath.Norm(row)) * (1 + ((row.Length + 8) * SumRounding.DoubleUnit));
    }

    /// <summary>The rows over the scores whose smallest value is the margin: ±1, or +1 at the class and −1 at each other one.</summary>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    public IEnumerable<double[]> Differences(int label)
    {
        if (Scores == 1)
        {
            yield return [label];
            yield break;
        }

        for (int other = 0; other < Scores; other++)
        {
            if (other != label)
            {
                var row = new double[Scores];
                (row[label], row[other]) = (1, -1);
                yield return row;
            }
        }
    }

    private double[][] NormsOfLeading()
    {
        if (Leading == 0)
        {
            return [];
        }

        int outputs = Layers[Leading - 1].Outputs;
        double[][] norms = [new double[outputs], new double[outputs]];
        Parallel.For(0, outputs, output =>
        {
            var row = new double[outputs];
            row[output] = 1;
            for (int i = Leading - 1; i >= 0; i--)
            {
                var before = new double[Layers[i].Inputs];
                ((AffineBoundLayer)Layers[i]).Backward(row, before);
                row = before;
            }

            norms[(int)AttackNorm.L2][output] = DualNorm(row, AttackNorm.L2);
            norms[(int)AttackNorm.Linf][output] = DualNorm(row, AttackNorm.Linf);
        });
        return norms;
    }

    private static BoundLayer Create(Network network, Layer layer) => layer switch
    {
        ConvLayer conv => new ConvBoundLayer(conv.Geometry, Weight(network, layer), Bias(network, layer)),
        DenseLayer dense => new DenseBoundLayer(dense.Input.Length, dense.Units, Weight(network, layer), Offsets(network, layer)),
        ReluLayer => new ReluBoundLayer(layer.Input.Length),
        MaxMinLayer => new MaxMinBoundLayer(layer.Input.Length),
        FlattenLayer => new MeanBoundLayer(layer.Input.Length, ChannelsFirst(layer.Input)),
        PoolLayer { Kind: PoolKind.Max } pool => new MaxPoolBoundLayer(layer.Input.Length, Windows(pool.Geometry)),
        PoolLayer pool => new MeanBoundLayer(layer.Input.Length, Windows(pool.Geometry)),
        _ => throw new NotSupportedException($"no bounds of {layer.GetType().Name}"),
    };

    private static float[] Weight(Network network, Layer layer) => network.EffectiveWeight(layer).ToArray();

    private static double[][] Offsets(Network network, Layer layer)
    {
        List<double[]> offsets = [];
        if (Bias(network, layer) is { } bias)
        {
            offsets.Add([.. bias.Select(static value => (double)value)]);
        }

        // A threshold of 0 changes nothing.
        if (ReferenceEquals(layer, network.Architecture.Layers[^1]) && network.Thresholds.Any(static value => value != 0))
        {
            offsets.Add([.. network.Thresholds.Select(static value => -(double)value)]);
        }

        return [.. offsets];
    }

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
