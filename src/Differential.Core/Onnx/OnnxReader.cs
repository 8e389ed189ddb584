using Differential.Core.Files;

namespace Differential.Core.Onnx;

/// <summary>Turns the bytes of an <c>.onnx</c> file into a model. Field numbers are those of the standard's onnx.proto; fields that are of no use here are passed over.</summary>
/// <param name="file">What messages call the file.</param>
/// <param name="external">Where constants in other files are.</param>
internal sealed class OnnxReader(string file, OnnxExternalData external)
{
    /// <summary>Most nodes of a graph.</summary>
    private const int MaxNodes = 100_000;

    /// <summary>Most numbers in a list that is written number by number.</summary>
    internal const int MaxList = 1 << 22;

    private readonly OnnxTensorReader _tensors = new(file, external);

    public OnnxModel Model(ReadOnlyMemory<byte> bytes)
    {
        var message = new ProtobufReader(bytes);
        OnnxGraph? graph = null;
        long ir = 0;
        long opset = 0;
        (string Name, string Version) producer = (string.Empty, string.Empty);
        var metadata = new Dictionary<string, string>();
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    ir = message.Integer();
                    break;
                case 2:
                    producer.Name = message.Text();
                    break;
                case 3:
                    producer.Version = message.Text();
                    break;
                case 7:
                    graph = Graph(message.Message());
                    break;
                case 8:
                    (string domain, long version) = Operators(message.Message());
                    opset = domain is "" or "ai.onnx" ? version : opset;
                    break;
                case 14:
                    (string key, string value) = Entry(message.Message());
                    metadata[key] = value;
                    break;
                default:
                    message.Skip();
                    break;
            }
        }

        if (graph is null)
        {
            throw new FormatException("no graph");
        }

        return new OnnxModel(graph, opset) { IrVersion = ir, Producer = producer, Metadata = metadata };
    }

    private static (string Domain, long Version) Operators(ProtobufReader message)
    {
        (string domain, long version) = (string.Empty, 0);
        while (message.Next())
        {
            if (message.Field == 1)
            {
                domain = message.Text();
            }
            else if (message.Field == 2)
            {
                version = message.Integer();
            }
            else
            {
                message.Skip();
            }
        }

        return (domain, version);
    }

    internal static (string Key, string Value) Entry(ProtobufReader message)
    {
        (string key, string value) = (string.Empty, string.Empty);
        while (message.Next())
        {
            if (message.Field == 1)
            {
                key = message.Text();
            }
            else if (message.Field == 2)
            {
                value = message.Text();
            }
            else
            {
                message.Skip();
            }
        }

        return (key, value);
    }

    private OnnxGraph Graph(ProtobufReader message)
    {
        string name = string.Empty;
        List<OnnxNode> nodes = [];
        List<OnnxTensor> initializers = [];
        List<OnnxValue> inputs = [];
        List<OnnxValue> outputs = [];
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    nodes.Add(Node(message.Message()));
                    break;
                case 2:
                    name = message.Text();
                    break;
                case 5:
                    initializers.Add(_tensors.Read(message.Message()));
                    break;
                case 11:
                    inputs.Add(OnnxValueReader.Read(message.Message()));
                    break;
                case 12:
                    outputs.Add(OnnxValueReader.Read(message.Message()));
                    break;
                case 15:
                    throw new InputException(file, "graph", "a sparse constant", "dense ones");
                default:
                    message.Skip();
                    break;
            }

            if (nodes.Count > MaxNodes)
            {
                throw new InputException(file, "graph", $"more than {MaxNodes} nodes", $"at most {MaxNodes}");
            }
        }

        return new OnnxGraph(name, nodes, initializers, inputs, outputs, []);
    }

    private OnnxNode Node(ProtobufReader message)
    {
        (string kind, string name, string domain) = (string.Empty, string.Empty, string.Empty);
        List<string> inputs = [];
        List<string> outputs = [];
        var attributes = new Dictionary<string, OnnxAttribute>();
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    inputs.Add(message.Text());
                    break;
                case 2:
                    outputs.Add(message.Text());
                    break;
                case 3:
                    name = message.Text();
                    break;
                case 4:
                    kind = message.Text();
                    break;
                case 5:
                    OnnxAttribute attribute = Attribute(message.Message());
                    attributes[attribute.Name] = attribute;
                    break;
                case 7:
                    domain = message.Text();
                    break;
                default:
                    message.Skip();
                    break;
            }
        }

        return new OnnxNode(kind, name, inputs, outputs, attributes) { Domain = domain == "ai.onnx" ? string.Empty : domain };
    }

    private OnnxAttribute Attribute(ProtobufReader message)
    {
        string name = string.Empty;
        OnnxAttribute attribute = new(string.Empty);
        List<float> floats = [];
        List<long> integers = [];
        long type = 0;
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    name = message.Text();
                    break;
                case 2:
                    attribute = attribute with { Float = message.Single() };
                    break;
                case 3:
                    attribute = attribute with { Integer = message.Integer() };
                    break;
                case 4:
                    attribute = attribute with { Text = message.Text() };
                    break;
                case 5:
                    attribute = attribute with { Tensor = _tensors.Read(message.Message()) };
                    break;
                case 7:
                    message.Singles(floats);
                    break;
                case 8:
                    message.Integers(integers, MaxList);
                    break;
                case 20:
                    type = message.Integer();
                    break;
                default:
                    message.Skip();
                    break;
            }
        }

        // Some writers leave numbers of 0 out: the type tells which value is meant.
        return (OnnxAttributeType)type switch
        {
            OnnxAttributeType.Float => new(name) { Float = attribute.Float ?? 0 },
            OnnxAttributeType.Integer => new(name) { Integer = attribute.Integer ?? 0 },
            OnnxAttributeType.Text => new(name) { Text = attribute.Text ?? string.Empty },
            OnnxAttributeType.Tensor => new(name) { Tensor = attribute.Tensor },
            OnnxAttributeType.Floats => new(name) { Floats = floats },
            OnnxAttributeType.Integers => new(name) { Integers = integers },
            _ => attribute with { Name = name, Floats = floats.Count > 0 ? floats : null, Integers = integers.Count > 0 ? integers : null },
        };
    }
}
