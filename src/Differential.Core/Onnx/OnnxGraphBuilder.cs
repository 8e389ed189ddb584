namespace Differential.Core.Onnx;

/// <summary>Puts a graph together, node by node. Every value has a name of its own and a shape behind its batch.</summary>
/// <param name="batch">Name of the batch's extent, which differs from call to call.</param>
internal sealed class OnnxGraphBuilder(string batch)
{
    private readonly List<OnnxNode> _nodes = [];
    private readonly List<OnnxTensor> _initializers = [];
    private readonly List<OnnxValue> _inputs = [];
    private readonly Dictionary<string, IReadOnlyList<int>> _dimensions = [];
    private readonly HashSet<string> _names = [];

    /// <summary>Extents of a value, without the batch's.</summary>
    public IReadOnlyList<int> Dimensions(string value) => _dimensions[value];

    public string Input(string name, IReadOnlyList<int> dimensions)
    {
        _names.Add(name);
        _dimensions.Add(name, dimensions);
        _inputs.Add(Value(name, dimensions));
        return name;
    }

    /// <summary>A constant; returns its name.</summary>
    public string Constant(string name, IReadOnlyList<int> dimensions, ReadOnlySpan<float> values) => Add(OnnxTensor.Of(Unused(name), dimensions, values));

    /// <summary>A list of integers; returns its name.</summary>
    public string Integers(string name, params ReadOnlySpan<long> values) => Add(OnnxTensor.Of(Unused(name), [values.Length], values));

    /// <summary>A node with one output.</summary>
    /// <param name="kind">The operator.</param>
    /// <param name="name">Of the node and of its output, where nothing has it yet.</param>
    /// <param name="inputs">The values that it takes.</param>
    /// <param name="dimensions">Of its output, without the batch's.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <returns>The output's name.</returns>
    public string Node(string kind, string name, IReadOnlyList<string> inputs, IReadOnlyList<int> dimensions, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        string unused = Unused(name);
        var named = new Dictionary<string, OnnxAttribute>();
        foreach (OnnxAttribute attribute in attributes)
        {
            named.Add(attribute.Name, attribute);
        }

        _nodes.Add(new OnnxNode(kind, unused, inputs, [unused], named));
        _dimensions.Add(unused, dimensions);
        return unused;
    }

    /// <summary>The graph, whose output is the last node's under another name.</summary>
    /// <param name="name">Of the graph.</param>
    /// <param name="output">Of the output.</param>
    public OnnxGraph Build(string name, string output)
    {
        OnnxNode last = _nodes[^1];
        return new OnnxGraph(
            name,
            [.. _nodes.SkipLast(1), last with { Outputs = [output] }],
            _initializers,
            _inputs,
            [Value(output, _dimensions[last.Outputs[0]])],
            [.. _nodes.SkipLast(1).Select(node => Value(node.Outputs[0], _dimensions[node.Outputs[0]]))]);
    }

    private OnnxValue Value(string name, IReadOnlyList<int> dimensions) =>
        new(name, OnnxType.Float32, [new OnnxDimension(null, batch), .. dimensions.Select(static extent => new OnnxDimension(extent, null))]);

    private string Add(OnnxTensor tensor)
    {
        _initializers.Add(tensor);
        return tensor.Name;
    }

    private string Unused(string name)
    {
        string unused = name;
        for (int number = 2; !_names.Add(unused); number++)
        {
            unused = $"{name}.{number}";
        }

        return unused;
    }
}
