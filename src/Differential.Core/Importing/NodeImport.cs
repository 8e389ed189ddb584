using Differential.Core.Onnx;

namespace Differential.Core.Importing;

/// <summary>A node that is read: its inputs and attributes, and where its output goes.</summary>
/// <param name="graph">The network so far.</param>
/// <param name="node">The node.</param>
internal sealed class NodeImport(GraphImport graph, OnnxNode node)
{
    public GraphImport Graph => graph;

    public OnnxNode Node => node;

    /// <summary>What messages call the node.</summary>
    public string Name => node.Name.Length > 0 ? node.Name : node.Outputs.Count > 0 ? node.Outputs[0] : node.Operator;

    public int Inputs => node.Inputs.Count;

    /// <summary>Whether an input is there: optional ones may be left out.</summary>
    public bool Has(int input) => input < node.Inputs.Count && node.Inputs[input].Length > 0;

    /// <summary>An input's value.</summary>
    /// <exception cref="InputException">It is not there, or stands behind this node: nodes that wait for one another in a circle do.</exception>
    public ImportedValue Value(int input) => !Has(input)
        ? throw Wrong($"no input {input}", "the inputs of the operator")
        : graph.Find(node.Inputs[input]) ?? throw Wrong($"the input '{node.Inputs[input]}', which nothing before the node yields", "nodes behind those whose outputs they take");

    /// <summary>An input that a layer's output is.</summary>
    /// <exception cref="UnsupportedOperatorException">It is a constant.</exception>
    public ImportedActivation Activation(int input) => Value(input) as ImportedActivation ?? throw Unsupported("of a constant");

    /// <summary>An input that is the same for all samples.</summary>
    /// <exception cref="UnsupportedOperatorException">It is not.</exception>
    public ImportedConstant Constant(int input) => Value(input) as ImportedConstant ?? throw Unsupported($"with an input {input} that is no constant");

    public ImportedConstant? OptionalConstant(int input) => Has(input) ? Constant(input) : null;

    public long Integer(string name, long missing) => node.Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Integer ?? throw WrongAttribute(name) : missing;

    public float Float(string name, float missing) => node.Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Float ?? throw WrongAttribute(name) : missing;

    public string Text(string name, string missing) => node.Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Text ?? throw WrongAttribute(name) : missing;

    public IReadOnlyList<float>? Floats(string name) => node.Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Floats ?? throw WrongAttribute(name) : null;

    public IReadOnlyList<long>? Integers(string name) => node.Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Integers ?? throw WrongAttribute(name) : null;

    /// <summary>Numbers that older versions have as an attribute and newer ones as an input.</summary>
    public IReadOnlyList<long>? IntegersOf(string name, int input) => Integers(name) ?? (OptionalConstant(input) is { } constant
        ? constant.Integers ?? throw Wrong($"an input {input} of another type", "integers")
        : null);

    public void Set(ImportedValue value) => graph.Set(node.Outputs.Count > 0 ? node.Outputs[0] : throw Wrong("no output", "one"), value);

    /// <summary>An axis as the file counts it, with the batch's as 0, without the batch's.</summary>
    /// <param name="axis">From the front, or where it is negative from the back.</param>
    /// <param name="rank">Axes without the batch's.</param>
    /// <exception cref="InputException">There is no such axis.</exception>
    /// <exception cref="UnsupportedOperatorException">It is the batch's.</exception>
    public int Axis(long axis, int rank)
    {
        if (axis < -rank - 1 || axis > rank)
        {
            throw Wrong($"axis {axis} of {rank + 1}", $"{-rank - 1} to {rank}");
        }

        long own = axis < 0 ? axis + rank : axis - 1;
        return own >= 0 ? (int)own : throw Unsupported("over the batch");
    }

    /// <summary>A number of a list that a size is made of.</summary>
    public int Small(long value, string what, int least, int most = 1 << 20) =>
        value >= least && value <= most ? (int)value : throw Wrong($"{what} of {value}", $"{least} to {most}");

    public InputException Wrong(string found, string allowed) => new(graph.File, $"node {Name} ({node.FullOperator})", found, allowed);

    public UnsupportedOperatorException Unsupported(string? detail = null) => new(detail is null ? node.FullOperator : $"{node.FullOperator} {detail}", Name);

    private InputException WrongAttribute(string name) => Wrong($"an attribute {name} of another type", "the standard's");
}
