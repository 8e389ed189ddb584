using Differential.Core.Files;

namespace Differential.Core.Onnx;

/// <summary>Turns the bytes of an <c>.onnx</c> file into a model. Field numbers are those of the standard's onnx.proto; fields that are of no use here are passed over.</summary>
/// <param name="file">What messages call the file.</param>
/// <param name="external">Where constants in other files are.</param>
internal sealed class OnnxReader(string file, OnnxExternalData external)
{
    /// <summary>Most nodes of a graph.</summary>
    private const int MaxNodes = 100_000;

    /// <summary>Most extents of a tensor.</summary>
    private const int MaxRank = 16;

    /// <summary>Most numbers in a list that is written number by number.</summary>
    private const int MaxList = 1 << 22;

    /// <summary>Where a message says that a constant is wrong.</summary>
    public static string Place(string tensor) => $"tensor {tensor}";

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

    private static (string Key, string Value) Entry(ProtobufReader message)
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
                    initializers.Add(Tensor(message.Message()));
                    break;
                case 11:
                    inputs.Add(Value(message.Message()));
                    break;
                case 12:
                    outputs.Add(Value(message.Message()));
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
                    attribute = attribute with { Tensor = Tensor(message.Message()) };
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

    private OnnxTensor Tensor(ProtobufReader message)
    {
        string name = string.Empty;
        List<long> extents = [];
        OnnxType type = OnnxType.Undefined;
        ReadOnlyMemory<byte>? raw = null;
        List<float> floats = [];
        List<long> integers = [];
        List<double> doubles = [];
        var outside = new Dictionary<string, string>();
        bool isExternal = false;
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    message.Integers(extents, MaxRank);
                    break;
                case 2:
                    type = (OnnxType)message.Integer();
                    break;
                case 4:
                    message.Singles(floats);
                    break;
                case 5 or 7 or 11:
                    message.Integers(integers, MaxList);
                    break;
                case 8:
                    name = message.Text();
                    break;
                case 9:
                    raw = message.Bytes();
                    break;
                case 10:
                    message.Doubles(doubles);
                    break;
                case 13:
                    (string key, string value) = Entry(message.Message());
                    outside[key] = value;
                    break;
                case 14:
                    isExternal = message.Integer() == 1;
                    break;
                default:
                    message.Skip();
                    break;
            }
        }

        int size = OnnxTensor.SizeOf(type);
        if (size == 0)
        {
            // Texts and the like: they matter only where something takes them.
            return new OnnxTensor(name, OnnxType.Undefined, [0], default);
        }

        (int[] dimensions, long elements) = Extents(name, extents);
        long needed = elements * size;
        ReadOnlyMemory<byte> bytes = isExternal ? external.Read(name, outside, needed) : raw ?? Typed(type, floats, integers, doubles);
        return bytes.Length == needed
            ? new OnnxTensor(name, type, dimensions, bytes)
            : throw new InputException(file, Place(name), $"{bytes.Length} bytes for the shape [{string.Join(", ", extents)}] of {type}", $"{needed} bytes");
    }

    private (int[] Dimensions, long Elements) Extents(string name, List<long> extents)
    {
        Int128 elements = 1;
        foreach (long extent in extents)
        {
            elements *= extent is >= 0 and <= int.MaxValue ? extent : throw Wrong();
            if (elements > int.MaxValue)
            {
                throw Wrong();
            }
        }

        return ([.. extents.Select(static extent => (int)extent)], (long)elements);

        InputException Wrong() => new(file, Place(name), $"the shape [{string.Join(", ", extents)}]", $"extents of at least 0, with at most {int.MaxValue} elements");
    }

    /// <summary>The bytes of elements that are written in a field of their own type; small integers and halves as numbers.</summary>
    private static ReadOnlyMemory<byte> Typed(OnnxType type, List<float> floats, List<long> integers, List<double> doubles)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        switch (type)
        {
            case OnnxType.Float32:
                floats.ForEach(writer.Write);
                break;
            case OnnxType.Float64:
                doubles.ForEach(writer.Write);
                break;
            default:
                Span<byte> bytes = stackalloc byte[sizeof(long)];
                foreach (long value in integers)
                {
                    System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
                    writer.Write(bytes[..OnnxTensor.SizeOf(type)]);
                }

                break;
        }

        return stream.ToArray();
    }

    private static OnnxValue Value(ProtobufReader message)
    {
        string name = string.Empty;
        OnnxType? type = null;
        IReadOnlyList<OnnxDimension>? dimensions = null;
        while (message.Next())
        {
            if (message.Field == 1)
            {
                name = message.Text();
            }
            else if (message.Field == 2)
            {
                (type, dimensions) = TypeOf(message.Message());
            }
            else
            {
                message.Skip();
            }
        }

        return new OnnxValue(name, type, dimensions);
    }

    private static (OnnxType? Type, IReadOnlyList<OnnxDimension>? Dimensions) TypeOf(ProtobufReader message)
    {
        OnnxType? type = null;
        List<OnnxDimension>? dimensions = null;
        while (message.Next())
        {
            if (message.Field != 1)
            {
                message.Skip();
                continue;
            }

            ProtobufReader tensor = message.Message();
            while (tensor.Next())
            {
                if (tensor.Field == 1)
                {
                    type = (OnnxType)tensor.Integer();
                }
                else if (tensor.Field == 2)
                {
                    dimensions = [];
                    ProtobufReader shape = tensor.Message();
                    while (shape.Next())
                    {
                        if (shape.Field == 1 && dimensions.Count < MaxRank)
                        {
                            dimensions.Add(Dimension(shape.Message()));
                        }
                        else
                        {
                            shape.Skip();
                        }
                    }
                }
                else
                {
                    tensor.Skip();
                }
            }
        }

        return (type, dimensions);
    }

    private static OnnxDimension Dimension(ProtobufReader message)
    {
        var dimension = new OnnxDimension(null, null);
        while (message.Next())
        {
            if (message.Field == 1)
            {
                dimension = dimension with { Value = message.Integer() };
            }
            else if (message.Field == 2)
            {
                dimension = dimension with { Name = message.Text() };
            }
            else
            {
                message.Skip();
            }
        }

        return dimension;
    }
}
