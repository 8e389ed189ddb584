namespace Differential.Core.Networks;

/// <summary>What a layer's bounds are made of, on the host: the values with which attacks compute.</summary>
internal sealed class BoundValues
{
    private readonly Network _network;
    private readonly Layer _layer;

    /// <param name="network">The network, settled.</param>
    /// <param name="layer">A layer of it.</param>
    /// <param name="norm">The batch normalisation that the layer takes along; null for none.</param>
    public BoundValues(Network network, Layer layer, BatchNormLayer? norm)
    {
        (_network, _layer) = (network, layer);
        if (layer.Weight is not null)
        {
            using var folded = new FoldedWeights(network, layer, norm);
            folded.Update();
            Weight = folded.Weight.ToArray();
            Bias = folded.Bias?.ToArray();
        }
    }

    /// <summary>Of a linear map, with a normalisation folded in.</summary>
    public float[] Weight { get; } = [];

    /// <summary>Of a linear map; null for none.</summary>
    public float[]? Bias { get; }

    /// <summary>What is added to the outputs: the bias, and behind the last layer minus the thresholds.</summary>
    public double[][] Offsets
    {
        get
        {
            List<double[]> offsets = [];
            if (Bias is not null)
            {
                offsets.Add([.. Bias.Select(static value => (double)value)]);
            }

            // A threshold of 0 changes nothing.
            if (ReferenceEquals(_layer, _network.Architecture.Layers[^1]) && _network.Thresholds.Any(static value => value != 0))
            {
                offsets.Add([.. _network.Thresholds.Select(static value => -(double)value)]);
            }

            return [.. offsets];
        }
    }

    /// <summary>A parameter or state of the layer by its name.</summary>
    public double[] Of(string name) =>
        [.. (_network.Parameter(_layer, name)?.Value ?? _network.StateOf(_layer, name).Value).ToArray().Select(static value => (double)value)];
}
