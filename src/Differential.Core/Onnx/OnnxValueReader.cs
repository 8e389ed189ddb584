using Differential.Core.Files;

namespace Differential.Core.Onnx;

/// <summary>Reads what a model says of its inputs and outputs.</summary>
internal static class OnnxValueReader
{
    /// <summary>A value's name, its type and its dimensions, as far as the message tells them.</summary>
    public static OnnxValue Read(ProtobufReader message)
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
        IReadOnlyList<OnnxDimension>? dimensions = null;
        while (message.Next())
        {
            if (message.Field == 1)
            {
                TensorType(message.Message(), ref type, ref dimensions);
            }
            else
            {
                message.Skip();
            }
        }

        return (type, dimensions);
    }

    private static void TensorType(ProtobufReader message, ref OnnxType? type, ref IReadOnlyList<OnnxDimension>? dimensions)
    {
        while (message.Next())
        {
            if (message.Field == 1)
            {
                type = (OnnxType)message.Integer();
            }
            else if (message.Field == 2)
            {
                dimensions = Shape(message.Message());
            }
            else
            {
                message.Skip();
            }
        }
    }

    private static List<OnnxDimension> Shape(ProtobufReader message)
    {
        List<OnnxDimension> dimensions = [];
        while (message.Next())
        {
            if (message.Field == 1 && dimensions.Count < OnnxTensorReader.MaxRank)
            {
                dimensions.Add(Dimension(message.Message()));
            }
            else
            {
                message.Skip();
            }
        }

        return dimensions;
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
