using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Differential.Core.Onnx;

/// <summary>A constant, row-major. Its bytes may be a view of the file's.</summary>
/// <param name="Name">Of the value.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Dimensions">Extents, each at least 0; none for a scalar.</param>
/// <param name="Bytes">The elements in little-endian order, as many as the extents say.</param>
internal sealed record OnnxTensor(string Name, OnnxType Type, IReadOnlyList<int> Dimensions, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Number of elements.</summary>
    public int Length => Dimensions.Aggregate(1, static (product, extent) => product * extent);

    /// <summary>Whether the elements are integers or truth values.</summary>
    public bool IsInteger => Type is not (OnnxType.Float32 or OnnxType.Float64 or OnnxType.Float16 or OnnxType.Text or OnnxType.Undefined);

    /// <summary>Bytes of an element; 0 for a type that is not read.</summary>
    public static int SizeOf(OnnxType type) => type switch
    {
        OnnxType.UInt8 or OnnxType.Int8 or OnnxType.Bool => 1,
        OnnxType.UInt16 or OnnxType.Int16 or OnnxType.Float16 => 2,
        OnnxType.Float32 or OnnxType.Int32 or OnnxType.UInt32 => 4,
        OnnxType.Float64 or OnnxType.Int64 or OnnxType.UInt64 => 8,
        _ => 0,
    };

    public static OnnxTensor Of(string name, IReadOnlyList<int> dimensions, ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }

        return new OnnxTensor(name, OnnxType.Float32, dimensions, bytes);
    }

    public static OnnxTensor Of(string name, IReadOnlyList<int> dimensions, ReadOnlySpan<long> values)
    {
        byte[] bytes = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        }

        return new OnnxTensor(name, OnnxType.Int64, dimensions, bytes);
    }

    /// <summary>The elements as float32.</summary>
    public float[] Floats()
    {
        var values = new float[Length];
        if (Type == OnnxType.Float32 && BitConverter.IsLittleEndian)
        {
            Bytes.Span.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> at = Bytes.Span[(i * SizeOf(Type))..];
            values[i] = Type switch
            {
                OnnxType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(at),
                OnnxType.Float64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(at),
                OnnxType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(at),
                _ => Integer(at),
            };
        }

        return values;
    }

    /// <summary>The elements of a tensor of integers or truth values.</summary>
    public long[] Integers()
    {
        var values = new long[Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Integer(Bytes.Span[(i * SizeOf(Type))..]);
        }

        return values;
    }

    private long Integer(ReadOnlySpan<byte> at) => Type switch
    {
        OnnxType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
        OnnxType.UInt64 => unchecked((long)BinaryPrimitives.ReadUInt64LittleEndian(at)),
        OnnxType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
        OnnxType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
        OnnxType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
        OnnxType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
        OnnxType.Int8 => (sbyte)at[0],
        OnnxType.UInt8 or OnnxType.Bool => at[0],
        _ => throw new NotSupportedException($"elements of {Type}"),
    };
}
