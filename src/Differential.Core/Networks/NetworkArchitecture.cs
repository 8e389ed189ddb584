using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>A graph of layers whose shapes fit one another and an input, ending in one score, or in one for each of several classes.</summary>
public sealed class NetworkArchitecture
{
    /// <summary>Largest number of elements of one tensor: parameters together, or a batch's activations of one layer.</summary>
    public const int MaxElements = int.MaxValue;

    /// <summary>Largest number of layers, nested ones among them.</summary>
    public const int MaxLayers = 1_000;

    private NetworkArchitecture(Shape input, IReadOnlyList<LayerOptions> options, GraphBuilder graph)
    {
        Input = input;
        Options = options;
        Nodes = graph.Nodes;
        Layers = [.. graph.Nodes.Select(static node => node.Layer)];
        ParameterCount = graph.ParameterCount;
    }

    /// <summary>Shape of one sample: [height, width, channels] or [features].</summary>
    public Shape Input { get; }

    /// <summary>The layers as they were asked for.</summary>
    public IReadOnlyList<LayerOptions> Options { get; }

    /// <summary>The graph: each layer behind those whose outputs it takes, the score's last.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>
    /// The layers of <see cref="Nodes"/> with their shapes. A flatten that is implied before a dense layer is an entry of its own with the
    /// dense layer's place, so that indices stay those of <see cref="Options"/>.
    /// </summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Weights and biases together.</summary>
    public int ParameterCount { get; }

    /// <summary>Length of the penultimate features: the input of the last dense layer.</summary>
    public int FeatureCount => Layers[^1].Input.Length;

    /// <summary>Scores of a sample: 1 for two classes, else one for each class.</summary>
    public int Scores => Layers[^1].Output.Length;

    /// <summary>A model's layers for some samples.</summary>
    /// <exception cref="ArchitectureException">They do not fit one another or the samples.</exception>
    internal static NetworkArchitecture Create(ModelOptions model, Dataset samples) => Create(samples.SampleShape, model.LayersFor(samples.Scores), samples.Scores);

    /// <summary>Infers every shape and checks every size.</summary>
    /// <param name="input">[height, width, channels] of images, [features] of points.</param>
    /// <param name="layers">The layers; the last is dense with a unit for each score.</param>
    /// <param name="scores">1 for two classes, else the number of classes.</param>
    /// <exception cref="ArchitectureException">A layer does not fit its input, a size is out of its range or too large.</exception>
    public static NetworkArchitecture Create(Shape input, IReadOnlyList<LayerOptions> layers, int scores = 1)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(layers);
        if (input.Rank is not (1 or 3))
        {
            throw new ArchitectureException(LayerPlace.Whole, $"an input of shape {input}", "[height, width, channels] or [features]");
        }

        var graph = new GraphBuilder(input);
        int end = graph.AddAll(layers, LayerPlace.Of, GraphBuilder.Input);
        if (end == GraphBuilder.Input || graph.Nodes[end].Layer is not DenseLayer last || last.Units != scores)
        {
            throw new ArchitectureException(
                LayerPlace.Of(layers.Count - 1),
                $"the last layer yields {graph.ShapeOf(end)}",
                scores == 1 ? "a dense layer with one unit at the end" : $"a dense layer with {scores} units at the end, one for each class");
        }

        return new NetworkArchitecture(input, [.. layers], graph);
    }

    /// <summary>A graph that was put together elsewhere, whose shapes fit one another already.</summary>
    /// <param name="input">Shape of one sample.</param>
    /// <param name="graph">The layers; the last is dense with a unit for each score.</param>
    internal static NetworkArchitecture Of(Shape input, GraphBuilder graph) =>
        graph.Nodes[^1].Layer is DenseLayer ? new NetworkArchitecture(input, [], graph) : throw new ArgumentException("the last layer is not dense", nameof(graph));
}
