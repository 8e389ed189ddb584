using Differential.Core.Files;

namespace Differential.Core.Onnx;

/// <summary>Models as the bytes of an <c>.onnx</c> file. Field numbers are those of the standard's onnx.proto.</summary>
internal static class OnnxWriter
{
    public static void Write(Stream stream, OnnxModel model) => Model(model).WriteTo(stream);

    private static ProtobufWriter Model(OnnxModel model)
    {
        var message = new ProtobufWriter();
        message.Varint(1, model.IrVersion);
        message.Text(2, model.Producer.Name);
        message.Text(3, model.Producer.Version);
        message.Message(7, Graph(model.Graph));
        var operators = new ProtobufWriter();
        operators.Text(1, string.Empty);
        operators.Varint(2, model.Opset);
        message.Message(8, operators);
        foreach ((string key, string value) in model.Metadata)
        {
            var entry = new ProtobufWriter();
            entry.Text(1, key);
            entry.Text(2, value);
            message.Message(14, entry);
        }

        return message;
    }

    private static ProtobufWriter Graph(OnnxGraph graph)
    {
        var message = new ProtobufWriter();
        All(1, graph.Nodes, Node);
        message.Text(2, graph.Name);
        All(5, graph.Initializers, Tensor);
        All(11, graph.Inputs, Value);
        All(12, graph.Outputs, Value);
        All(13, graph.Values, Value);
        return message;

        void All<T>(int field, IReadOnlyList<T> parts, Func<T, ProtobufWriter> write)
        {
            foreach (T part in parts)
            {
                message.Message(field, write(part));
            }
        }
    }

    private static ProtobufWriter Node(OnnxNode node)
    {
        var message = new ProtobufWriter();
        foreach (string input in node.Inputs)
        {
            message.Text(1, input);
        }

        foreach (string output in node.Outputs)
        {
            message.Text(2, output);
        }

        message.Text(3, node.Name);
        message.Text(4, node.Operator);
        foreach (OnnxAttribute attribute in node.Attributes.Values)
        {
            message.Message(5, Attribute(attribute));
        }

        if (node.Domain.Length > 0)
        {
            message.Text(7, node.Domain);
        }

        return message;
    }

    private static ProtobufWriter Attribute(OnnxAttribute attribute)
    {
        var message = new ProtobufWriter();
        message.Text(1, attribute.Name);
        if (attribute.Float is { } number)
        {
            message.Single(2, number);
            message.Varint(20, (long)OnnxAttributeType.Float);
        }
        else if (attribute.Integer is { } integer)
        {
            message.Varint(3, integer);
            message.Varint(20, (long)OnnxAttributeType.Integer);
        }
        else if (attribute.Text is { } text)
        {
            message.Text(4, text);
            message.Varint(20, (long)OnnxAttributeType.Text);
        }
        else if (attribute.Tensor is { } tensor)
        {
            message.Message(5, Tensor(tensor));
            message.Varint(20, (long)OnnxAttributeType.Tensor);
        }
        else if (attribute.Floats is { } numbers)
        {
            foreach (float value in numbers)
            {
                message.Single(7, value);
            }

            message.Varint(20, (long)OnnxAttributeType.Floats);
        }
        else
        {
            foreach (long value in attribute.Integers ?? throw new ArgumentException($"the attribute {attribute.Name} has no value", nameof(attribute)))
            {
                message.Varint(8, value);
            }

            message.Varint(20, (long)OnnxAttributeType.Integers);
        }

        return message;
    }

    private static ProtobufWriter Tensor(OnnxTensor tensor)
    {
        var message = new ProtobufWriter();
        message.Packed(1, tensor.Dimensions.Select(static extent => (long)extent));
        message.Varint(2, (long)tensor.Type);
        message.Text(8, tensor.Name);
        message.Bytes(9, tensor.Bytes);
        return message;
    }

    private static ProtobufWriter Value(OnnxValue value)
    {
        var shape = new ProtobufWriter();
        foreach (OnnxDimension dimension in value.Dimensions ?? [])
        {
            var part = new ProtobufWriter();
            if (dimension.Value is { } extent)
            {
                part.Varint(1, extent);
            }
            else
            {
                part.Text(2, dimension.Name ?? string.Empty);
            }

            shape.Message(1, part);
        }

        var tensor = new ProtobufWriter();
        tensor.Varint(1, (long)(value.Type ?? OnnxType.Float32));
        tensor.Message(2, shape);
        var type = new ProtobufWriter();
        type.Message(1, tensor);
        var message = new ProtobufWriter();
        message.Text(1, value.Name);
        message.Message(2, type);
        return message;
    }
}

/// <summary>Types of attributes, with the numbers that files have for them.</summary>
internal enum OnnxAttributeType
{
    Float = 1,
    Integer = 2,
    Text = 3,
    Tensor = 4,
    Floats = 6,
    Integers = 7,
}
