using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Kernels.Pooling;

namespace Differential.Core.Certificates;

/// <summary>A layer's share of a network's Lipschitz constant.</summary>
/// <param name="Index">Place of the layer in the architecture.</param>
/// <param name="L2">Upper bound on ‖A‖₂ of its linear map, on the safe side; of a pooling or activation its Lipschitz constant.</param>
/// <param name="Linf">The same for the largest absolute value: the largest row sum of |A|.</param>
public sealed record LayerBound(int Index, double L2, double Linf);

/// <summary>
/// How far a network's score can move when its input moves: the product of the layers' constants, each that of the layer's operator
/// at its real size, on the safe side (<see cref="OperatorNorm"/>). |score − threshold| over it is a distance within which no decision
/// changes (Tsuzuku, Sato and Sugiyama 2018); <see cref="LipschitzCertificate"/> leaves room for rounding too.
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
        ArgumentNullException.ThrowIfNull(network);
        var body = new BoundNetwork(network);
        return Of(body, OfLayers(network, body));
    }

    /// <summary>The constants of a network whose last layer is known by its rows alone.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layers">A constant for each of its layers.</param>
    internal static LipschitzBound Of(BoundNetwork network, IReadOnlyList<LayerBound> layers)
    {
        // Up to any layer by L∞, there √d times to L2, from there on by L2.
        double toHere = network.Input.Radius(1);
        var fromHere = new double[layers.Count + 1];
        fromHere[^1] = 1;
        for (int i = layers.Count - 1; i >= 0; i--)
        {
            fromHere[i] = fromHere[i + 1] * layers[i].L2;
        }

        double l2 = toHere * fromHere[0];
        double linf = double.PositiveInfinity;
        for (int i = 0; i < layers.Count; i++)
        {
            linf = Smaller(linf, toHere * Math.Sqrt(network.Layers[i].Inputs) * fromHere[i]);
            toHere *= layers[i].Linf;
        }

        double up = 1 + ((layers.Count + 4) * 2 * SumRounding.DoubleUnit);
        return new LipschitzBound { L2 = l2 * up, Linf = Smaller(linf, toHere) * up, Layers = [.. layers.Where((_, i) => Stretches(network.Sources[i]))] };
    }

    /// <summary>A constant for each layer of <see cref="BoundNetwork.Layers"/>.</summary>
    internal static LayerBound[] OfLayers(Network network, BoundNetwork body) => [.. body.Sources.Select((layer, i) => (layer, body.Layers[i]) switch
    {
        ({ Weight: not null }, AffineBoundLayer affine) => new LayerBound(layer.Index, OperatorNorm.Upper(network, layer, affine), affine.AbsoluteSums().Row * (1 + ((affine.Inputs + 8) * SumRounding.DoubleUnit))),
        (PoolLayer pool, _) => OfPool(pool),
        _ => new LayerBound(layer.Index, 1, 1),
    })];

    /// <summary>The smaller of two bounds: one that is no number is none.</summary>
    private static double Smaller(double known, double found) => found < known || double.IsNaN(known) ? found : known;

    private static bool Stretches(Layer layer) => layer is not (FlattenLayer or ReluLayer or MaxMinLayer);

    /// <summary>An input takes part in at most ⌈size / stride⌉² windows.</summary>
    private static LayerBound OfPool(PoolLayer pool)
    {
        int along = (pool.Geometry.Size + pool.Geometry.Stride - 1) / pool.Geometry.Stride;
        return new LayerBound(pool.Index, pool.Kind == PoolKind.Max ? along : (double)along / pool.Geometry.Size, 1);
    }
}
