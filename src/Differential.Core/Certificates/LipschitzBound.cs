using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Pooling;

namespace Differential.Core.Certificates;

/// <summary>A layer's share of a network's Lipschitz constant.</summary>
/// <param name="Index">Place of the layer in the architecture.</param>
/// <param name="L2">Upper bound on ‖A‖₂ of its linear map, on the safe side; of a pooling or activation its Lipschitz constant.</param>
/// <param name="Linf">The same for the largest absolute value: the largest row sum of |A|.</param>
public sealed record LayerBound(int Index, double L2, double Linf);

/// <summary>
/// How far a network's score can move when its input moves: the product of the layers' constants, each that of the layer's operator
/// at its real size, on the safe side (<see cref="LanczosNorm"/>). |score − threshold| over it is a distance within which no decision
/// changes (Tsuzuku, Sato and Sugiyama 2018).
/// </summary>
public sealed record LipschitzBound
{
    /// <summary>The score moves by at most this times the L2 distance of the inputs, in the scale of the inputs as stored.</summary>
    public required double L2 { get; init; }

    /// <summary>The score moves by at most this times the L∞ distance of the inputs: the smaller of the ways to get there.</summary>
    public required double Linf { get; init; }

    /// <summary>The layers that can stretch or shrink distances, in order.</summary>
    public required IReadOnlyList<LayerBound> Layers { get; init; }

    /// <summary>The constants of a network, from its weights alone; of several scores those of all of them together.</summary>
    public static LipschitzBound Of(Network network)
    {
        (List<LayerBound> bounds, List<int> inputs) = Parts(network);
        return Of(network.Normalization.Scale, bounds, inputs);
    }

    /// <summary>
    /// The constants of the differences of two classes' scores, [class][other]: the last layer's share is the norm of the difference of
    /// its two rows, which is exact.
    /// </summary>
    internal static LipschitzBound[][] OfPairs(Network network)
    {
        (List<LayerBound> bounds, List<int> inputs) = Parts(network);
        Layer last = network.Architecture.Layers[^1];
        float[] weight = network.EffectiveWeight(last).ToArray();
        int scores = network.Architecture.Scores;
        var pairs = new LipschitzBound[scores][];
        for (int own = 0; own < scores; own++)
        {
            pairs[own] = new LipschitzBound[scores];
            for (int other = 0; other < scores; other++)
            {
                bounds[^1] = OfDifference(last.Index, weight.AsSpan(own * last.FanIn, last.FanIn), weight.AsSpan(other * last.FanIn, last.FanIn));
                pairs[own][other] = Of(network.Normalization.Scale, [.. bounds], inputs);
            }
        }

        return pairs;
    }

    private static (List<LayerBound> Bounds, List<int> Inputs) Parts(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.EnsureNorms();
        List<LayerBound> bounds = [];
        List<int> inputs = [];
        foreach (Layer layer in network.Architecture.Layers)
        {
            if (Bound(network, layer) is { } bound)
            {
                bounds.Add(bound);
                inputs.Add(layer.Input.Length);
            }
        }

        return (bounds, inputs);
    }

    private static LipschitzBound Of(double scale, List<LayerBound> bounds, List<int> inputs)
    {
        // Up to any layer by L∞, there √d times to L2, from there on by L2.
        double toHere = scale;
        double fromHere = bounds.Aggregate(1.0, static (product, bound) => product * bound.L2);
        double l2 = scale * fromHere;
        double linf = double.PositiveInfinity;
        for (int i = 0; i < bounds.Count; i++)
        {
            linf = Math.Min(linf, toHere * Math.Sqrt(inputs[i]) * fromHere);
            toHere *= bounds[i].Linf;
            fromHere = bounds.Skip(i + 1).Aggregate(1.0, static (product, bound) => product * bound.L2);
        }

        return new LipschitzBound { L2 = l2, Linf = Math.Min(linf, toHere), Layers = bounds };
    }

    /// <summary>
    /// A distance within which the decision cannot change: (|score − threshold| − rounding) / constant, not below 0.
    /// </summary>
    /// <param name="score">The network's score.</param>
    /// <param name="threshold">Its threshold.</param>
    /// <param name="norm">Of the distance.</param>
    public double Radius(double score, double threshold, AttackNorm norm)
    {
        double room = Math.Max(0, Math.Abs(score - threshold) - ScoreRounding.Of(score, threshold));
        double constant = norm == AttackNorm.Linf ? Linf : L2;
        return room == 0 ? 0 : room / constant;
    }

    private static LayerBound OfDifference(int index, ReadOnlySpan<float> own, ReadOnlySpan<float> other)
    {
        double squares = 0;
        double sum = 0;
        for (int i = 0; i < own.Length; i++)
        {
            double difference = (double)own[i] - other[i];
            squares += difference * difference;
            sum += Math.Abs(difference);
        }

        return new LayerBound(index, Math.Sqrt(squares) * (1 + 1e-12), sum * (1 + 1e-12));
    }

    private static LayerBound? Bound(Network network, Layer layer) => layer switch
    {
        _ when layer.Weight is not null => OfWeights(network, layer),
        PoolLayer pool => OfPool(pool),
        ReluLayer or MaxMinLayer or FlattenLayer => null,
        _ => throw new NotSupportedException($"no Lipschitz constant of {layer.GetType().Name}"),
    };

    private static LayerBound OfWeights(Network network, Layer layer)
    {
        ComputeDevice device = network.Device;
        Tensor<float> weight = network.EffectiveWeight(layer);
        using LayerOperator map = layer.CreateOperator(device, 1)!;
        using var norm = new LanczosNorm(device, map, weight);
        float[] values = weight.ToArray();
        int row = values.Length / weight.Shape[0];
        double largest = Enumerable.Range(0, weight.Shape[0]).Max(output => values.Skip(output * row).Take(row).Sum(static value => Math.Abs((double)value)));
        return new LayerBound(layer.Index, norm.Upper(), largest * (1 + 1e-12));
    }

    /// <summary>An input takes part in at most ⌈size / stride⌉² windows.</summary>
    private static LayerBound OfPool(PoolLayer pool)
    {
        int along = (pool.Geometry.Size + pool.Geometry.Stride - 1) / pool.Geometry.Stride;
        return new LayerBound(pool.Index, pool.Kind == PoolKind.Max ? along : (double)along / pool.Geometry.Size, 1);
    }
}
