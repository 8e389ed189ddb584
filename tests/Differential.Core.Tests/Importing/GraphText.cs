using Differential.Core.Onnx;

namespace Differential.Core.Tests.Importing;

/// <summary>Graphs for tests, put together by hand: the input is <c>x</c>, the output the last node's.</summary>
internal sealed class GraphText(params int[] input)
{
    private readonly List<OnnxNode> _nodes = [];
    private readonly List<OnnxTensor> _constants = [];
    private readonly RandomStream _random = new(3, "graph");

    public GraphText Weights(string name, params int[] dimensions)
    {
        int length = dimensions.Aggregate(1, static (product, extent) => product * extent);
        _constants.Add(OnnxTensor.Of(name, dimensions, [.. Enumerable.Range(0, length).Select(_ => (float)(0.5 * _random.NextNormal()))]));
        return this;
    }

    public GraphText Positive(string name, params int[] dimensions)
    {
        int length = dimensions.Aggregate(1, static (product, extent) => product * extent);
        _constants.Add(OnnxTensor.Of(name, dimensions, [.. Enumerable.Range(0, length).Select(_ => (float)(0.5 + _random.NextDouble()))]));
        return this;
    }

    public GraphText Floats(string name, params float[] values)
    {
        _constants.Add(OnnxTensor.Of(name, values.Length == 1 ? [] : [values.Length], values));
        return this;
    }

    public GraphText Integers(string name, params long[] values)
    {
        _constants.Add(OnnxTensor.Of(name, [values.Length], values));
        return this;
    }

    /// <summary>A node; its outputs are named by the text before the operator: <c>y = Conv x w</c>.</summary>
    public GraphText Node(string text, params OnnxAttribute[] attributes)
    {
        string[] sides = text.Split(" = ");
        string[] right = sides[1].Split(' ');
        int dot = right[0].LastIndexOf('.');
        _nodes.Add(new OnnxNode(right[0][(dot + 1)..], $"node{_nodes.Count}", [.. right.Skip(1).Select(static name => name == "-" ? string.Empty : name)], sides[0].Split(' '), attributes.ToDictionary(static a => a.Name))
        {
            Domain = dot < 0 ? string.Empty : right[0][..dot],
        });
        return this;
    }

    /// <summary>The model, with a dense layer that makes one score of the last value, whatever its shape.</summary>
    public OnnxModel Scored(int length, int opset = 17)
    {
        string last = _nodes[^1].Outputs[0];
        Node($"flat = Flatten {last}").Weights("scoring", 1, length).Node("score = Gemm flat scoring", OnnxAttribute.Of("transB", 1));
        return Model(opset);
    }

    public OnnxModel Model(int opset = 17, int scores = 1) => new(
        new OnnxGraph(
            "test",
            _nodes,
            _constants,
            [Value("x", [.. input])],
            [Value(_nodes[^1].Outputs[0], [scores])],
            []),
        opset);

    private static OnnxValue Value(string name, int[] dimensions) => new(name, OnnxType.Float32, [new OnnxDimension(null, "N"), .. dimensions.Select(static extent => new OnnxDimension(extent, null))]);
}
