using System.Buffers.Binary;
using Differential.Core.Files;

namespace Differential.Core.Onnx;

/// <summary>Reads constants of a model: their shapes are held to the bytes that are there.</summary>
/// <param name="file">The model's file, for messages.</param>
/// <param name="external">Bytes that the model keeps in other files.</param>
internal sealed class OnnxTensorReader(string file, OnnxExternalData external)
{
    /// <summary>Most extents of a tensor.</summary>
    public const int MaxRank = 16;

    /// <summary>Where a message says that a constant is wrong.</summary>
    public static string Place(string tensor) => $"tensor {tensor}";

    public OnnxTensor Read(ProtobufReader message)
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
                    message.Integers(integers, OnnxReader.MaxList);
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
                    (string key, string value) = OnnxReader.Entry(message.Message());
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
                    BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
                    writer.Write(bytes[..OnnxTensor.SizeOf(type)]);
                }

                break;
        }

        return stream.ToArray();
    }
}
