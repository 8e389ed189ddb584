using Differential.Core.Onnx;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>What a layer writes its nodes with. Values in ONNX are channels first: [batch, channels, height, width] or [batch, features].</summary>
/// <param name="graph">The graph.</param>
/// <param name="layer">The layer.</param>
/// <param name="values">Its values, on the host.</param>
internal sealed class LayerExport(OnnxGraphBuilder graph, Layer layer, BoundValues values)
{
    public BoundValues Values => values;

    /// <summary>Extents of one sample in the order of ONNX.</summary>
    public static IReadOnlyList<int> Dimensions(Shape sample) => sample.Rank == 3 ? [sample[2], sample[0], sample[1]] : [.. sample.Dimensions];

    /// <summary>A constant that is called by the layer's name and its own.</summary>
    public string Constant(string name, Shape shape, ReadOnlySpan<float> elements) => graph.Constant($"{layer.Name}.{name}", [.. shape.Dimensions], elements);

    /// <summary>The same of a list of integers.</summary>
    public string Integers(string name, params ReadOnlySpan<long> elements) => graph.Integers($"{layer.Name}.{name}", elements);

    /// <summary>The node that yields the layer's output.</summary>
    public string Node(string kind, IReadOnlyList<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes) =>
        graph.Node(kind, layer.Name, inputs, Dimensions(layer.Output), attributes);

    /// <summary>A node within the layer.</summary>
    /// <param name="kind">The operator.</param>
    /// <param name="name">Behind the layer's own.</param>
    /// <param name="inputs">The values that it takes.</param>
    /// <param name="dimensions">Of its output, without the batch's.</param>
    /// <param name="attributes">Its attributes.</param>
    public string Inner(string kind, string name, IReadOnlyList<string> inputs, IReadOnlyList<int> dimensions, params ReadOnlySpan<OnnxAttribute> attributes) =>
        graph.Node(kind, $"{layer.Name}.{name}", inputs, dimensions, attributes);

    /// <summary>The weights, and the bias where there is one, as a linear layer takes them.</summary>
    public IReadOnlyList<string> Linear(string input)
    {
        string weight = Constant(LayerValue.Weight, layer.Weight!, Values.Weight);
        return Values.Bias is { } bias ? [input, weight, Constant(LayerValue.Bias, new Shape(bias.Length), bias)] : [input, weight];
    }
}
