using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>Puts the layers of an architecture together, each behind those whose outputs it takes.</summary>
/// <param name="input">Shape of one sample.</param>
internal sealed class GraphBuilder(Shape input)
{
    /// <summary>The network's input where a node is asked for.</summary>
    public const int Input = -1;

    private readonly List<GraphNode> _nodes = [];
    private int _layers;
    private long _parameters;

    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>Elements of all parameters together.</summary>
    public int ParameterCount => (int)_parameters;

    /// <summary>Shape of one sample of a node's output.</summary>
    public Shape ShapeOf(int node) => node == Input ? input : _nodes[node].Layer.Output;

    /// <summary>Adds a layer that takes the outputs of <paramref name="inputs"/>.</summary>
    /// <returns>Its node.</returns>
    /// <exception cref="ArchitectureException">The parameters are more than one tensor holds.</exception>
    public int Add(Layer layer, params int[] inputs)
    {
        _nodes.Add(new GraphNode(layer, inputs));
        _parameters += layer.Parameters.Sum(static parameter => (long)parameter.Shape.Length);
        if (_parameters > NetworkArchitecture.MaxElements)
        {
            throw new ArchitectureException(layer.Place, $"{_parameters} parameters up to this layer", $"at most {NetworkArchitecture.MaxElements}");
        }

        return _nodes.Count - 1;
    }

    /// <summary>Adds a list of layers, one behind the other.</summary>
    /// <param name="layers">The list.</param>
    /// <param name="placeOf">The place of each.</param>
    /// <param name="source">The node whose output the first one takes.</param>
    /// <returns>The last one's node.</returns>
    /// <exception cref="ArchitectureException">A layer does not fit its input, or there are too many.</exception>
    public int AddAll(IReadOnlyList<LayerOptions> layers, Func<int, LayerPlace> placeOf, int source)
    {
        _layers += layers.Count;
        if (layers.Count == 0 || _layers > NetworkArchitecture.MaxLayers)
        {
            throw new ArchitectureException(LayerPlace.Whole, $"{(layers.Count == 0 ? 0 : _layers)} layers", $"1 to {NetworkArchitecture.MaxLayers}");
        }

        for (int index = 0; index < layers.Count; index++)
        {
            LayerPlace place = placeOf(index);
            LayerOptions options = layers[index] ?? throw new ArchitectureException(place, "null", "a layer of a known kind");
            source = options.AddTo(this, place, source);
        }

        return source;
    }
}
