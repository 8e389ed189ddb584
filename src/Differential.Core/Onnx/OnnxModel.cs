namespace Differential.Core.Onnx;

/// <summary>A model of the Open Neural Network Exchange, as its file has it.</summary>
/// <param name="Graph">What it computes.</param>
/// <param name="Opset">Version of the standard operators.</param>
internal sealed record OnnxModel(OnnxGraph Graph, long Opset)
{
    /// <summary>Version of the format; 8 goes with opset 17.</summary>
    public long IrVersion { get; init; } = 8;

    /// <summary>The program that wrote it, with its version.</summary>
    public (string Name, string Version) Producer { get; init; } = (string.Empty, string.Empty);

    /// <summary>What else the file says of it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>Nodes in an order in which each stands behind those whose outputs it takes.</summary>
/// <param name="Name">Of the graph.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="Initializers">Constants.</param>
/// <param name="Inputs">What is handed in; older files list constants here too.</param>
/// <param name="Outputs">What is handed out.</param>
/// <param name="Values">Types and shapes of values between them, where they are told.</param>
internal sealed record OnnxGraph(
    string Name,
    IReadOnlyList<OnnxNode> Nodes,
    IReadOnlyList<OnnxTensor> Initializers,
    IReadOnlyList<OnnxValue> Inputs,
    IReadOnlyList<OnnxValue> Outputs,
    IReadOnlyList<OnnxValue> Values);

/// <summary>An operation.</summary>
/// <param name="Operator">Such as <c>Conv</c>.</param>
/// <param name="Name">Of the node; may be empty.</param>
/// <param name="Inputs">Names of values; empty where an optional one is left out.</param>
/// <param name="Outputs">Names of values.</param>
/// <param name="Attributes">By name.</param>
internal sealed record OnnxNode(string Operator, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, OnnxAttribute> Attributes)
{
    /// <summary>Empty for the standard operators.</summary>
    public string Domain { get; init; } = string.Empty;

    /// <summary>The operator with its domain, where that is not the standard's.</summary>
    public string FullOperator => Domain.Length == 0 ? Operator : $"{Domain}.{Operator}";
}

/// <summary>A node's attribute: one of its values is set.</summary>
/// <param name="Name">Such as <c>strides</c>.</param>
internal sealed record OnnxAttribute(string Name)
{
    public float? Float { get; init; }

    public long? Integer { get; init; }

    public string? Text { get; init; }

    public OnnxTensor? Tensor { get; init; }

    public IReadOnlyList<float>? Floats { get; init; }

    public IReadOnlyList<long>? Integers { get; init; }

    /// <summary>Whether the value is of a kind that is read: not a graph, say.</summary>
    public bool IsKnown => Float is not null || Integer is not null || Text is not null || Tensor is not null || Floats is not null || Integers is not null;

    public static OnnxAttribute Of(string name, float value) => new(name) { Float = value };

    public static OnnxAttribute Of(string name, long value) => new(name) { Integer = value };

    public static OnnxAttribute Of(string name, string value) => new(name) { Text = value };

    public static OnnxAttribute Of(string name, params long[] values) => new(name) { Integers = values };
}

/// <summary>A value's name, type and shape.</summary>
/// <param name="Name">Of the value.</param>
/// <param name="Type">Of its elements; null where the value is no tensor.</param>
/// <param name="Dimensions">A number or a name each; null where it has none, and where nothing is told.</param>
internal sealed record OnnxValue(string Name, OnnxType? Type, IReadOnlyList<OnnxDimension>? Dimensions);

/// <summary>An extent.</summary>
/// <param name="Value">The number; null where it is not told.</param>
/// <param name="Name">A name for an extent that differs from call to call; null for none.</param>
internal sealed record OnnxDimension(long? Value, string? Name);
