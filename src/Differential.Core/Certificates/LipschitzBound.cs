using Differential.Core.Networks;
using Differential.Core.Numerics;

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
        (double[] byL2, double[] byLinf, double[] changed) = Reaches(network, layers);
        double up = Up(layers.Count);
        return new LipschitzBound { L2 = byL2[^1] * up, Linf = Smaller(changed[^1], byLinf[^1]) * up, Layers = [.. layers.Where((_, i) => network.Layers[i].IsListed)] };
    }

    /// <summary>How far a layer's outputs move in L2 where inputs as stored move by 1 in L2, and in L∞.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layers">A constant for each of its layers.</param>
    /// <param name="layer">Which one; −1 for the network's input.</param>
    internal static (double L2, double Linf) ReachInL2(BoundNetwork network, IReadOnlyList<LayerBound> layers, int layer)
    {
        (double[] byL2, double[] byLinf, double[] changed) = Reaches(network, layers);
        double outputs = layer < 0 ? network.Layers[0].Inputs : network.Layers[layer].Outputs;
        return (byL2[layer + 1] * Up(layers.Count), Smaller(changed[layer + 1], byLinf[layer + 1] * Math.Sqrt(outputs)) * Up(layers.Count));
    }

    /// <summary>A constant for each layer of <see cref="BoundNetwork.Layers"/>.</summary>
    internal static LayerBound[] OfLayers(Network network, BoundNetwork body) => [.. body.Sources.Select((layer, i) => body.Layers[i] switch
    {
        { Stretch: { } stretch } => new LayerBound(layer.Index, stretch.L2, stretch.Linf),
        AffineBoundLayer affine => new LayerBound(layer.Index, OperatorNorm.Upper(network.Device, layer, body.Weights[i], affine), affine.AbsoluteSums().Row * (1 + ((affine.Inputs + 8) * SumRounding.DoubleUnit))),
        _ => throw new NotSupportedException($"{layer.Place} has no Lipschitz constant"),
    })];

    /// <summary>Of the input and of each layer's outputs, how far they move: in L2 by L2, in L∞ by L∞, and in L2 by L∞.</summary>
    private static (double[] ByL2, double[] ByLinf, double[] Changed) Reaches(BoundNetwork network, IReadOnlyList<LayerBound> layers)
    {
        // Up to any layer by L∞, there √d times to L2, from there on by L2. Where a layer takes several outputs the constants add up.
        var byL2 = new double[layers.Count + 1];
        var byLinf = new double[layers.Count + 1];
        var changed = new double[layers.Count + 1];
        byL2[0] = byLinf[0] = network.Input.Radius(1);
        changed[0] = double.PositiveInfinity;
        for (int i = 0; i < layers.Count; i++)
        {
            IReadOnlyList<int> inputs = network.Inputs[i];
            BoundLayer layer = network.Layers[i];
            byL2[i + 1] = inputs.Select((input, k) => layer.Share(k) * byL2[input + 1]).Sum() * layers[i].L2;
            byLinf[i + 1] = inputs.Select((input, k) => layer.Share(k) * byLinf[input + 1]).Sum() * layers[i].Linf;
            changed[i + 1] = inputs.Select((input, k) => layer.Share(k) * Smaller(changed[input + 1], byLinf[input + 1] * Math.Sqrt(layer.Inputs / inputs.Count))).Sum() * layers[i].L2;
        }

        return (byL2, byLinf, changed);
    }

    /// <summary>Room for the rounding of these products.</summary>
    private static double Up(int layers) => 1 + ((layers + 4) * 4 * SumRounding.DoubleUnit);

    /// <summary>The smaller of two bounds: one that is no number is none.</summary>
    private static double Smaller(double known, double found) => found < known || double.IsNaN(known) ? found : known;
}
