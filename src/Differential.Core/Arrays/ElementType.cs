using System.Buffers.Binary;

namespace Differential.Core.Arrays;

/// <summary>The type of an array's elements.</summary>
/// <param name="Kind">What its bits mean.</param>
/// <param name="Size">Bytes of an element.</param>
/// <param name="BigEndian">Whether the highest byte comes first.</param>
internal sealed record ElementType(ElementKind Kind, int Size, bool BigEndian)
{
    public static ElementType Byte { get; } = new(ElementKind.Unsigned, 1, false);

    public bool IsInteger => Kind != ElementKind.Real;

    /// <summary>The type that NumPy describes, e.g. <c>&lt;f4</c>; null for one that holds no plain numbers.</summary>
    public static ElementType? Of(string description)
    {
        if (description.Length != 3 || "<>=|".IndexOf(description[0], StringComparison.Ordinal) < 0)
        {
            return null;
        }

        bool big = description[0] == '>';
        return description[1..] switch
        {
            "u1" or "b1" => new ElementType(ElementKind.Unsigned, 1, big),
            "i1" => new ElementType(ElementKind.Signed, 1, big),
            "u2" => new ElementType(ElementKind.Unsigned, 2, big),
            "i2" => new ElementType(ElementKind.Signed, 2, big),
            "u4" => new ElementType(ElementKind.Unsigned, 4, big),
            "i4" => new ElementType(ElementKind.Signed, 4, big),
            "u8" => new ElementType(ElementKind.Unsigned, 8, big),
            "i8" => new ElementType(ElementKind.Signed, 8, big),
            "f2" => new ElementType(ElementKind.Real, 2, big),
            "f4" => new ElementType(ElementKind.Real, 4, big),
            "f8" => new ElementType(ElementKind.Real, 8, big),
            _ => null,
        };
    }

    /// <summary>An element's value; integers beyond 2⁵³ are rounded.</summary>
    /// <param name="bytes">At least <see cref="Size"/> of them.</param>
    public double Value(ReadOnlySpan<byte> bytes) => (Kind, Size) switch
    {
        (ElementKind.Unsigned, 1) => bytes[0],
        (ElementKind.Signed, 1) => (sbyte)bytes[0],
        (ElementKind.Unsigned, 2) => BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (ElementKind.Signed, 2) => BigEndian ? BinaryPrimitives.ReadInt16BigEndian(bytes) : BinaryPrimitives.ReadInt16LittleEndian(bytes),
        (ElementKind.Unsigned, 4) => BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        (ElementKind.Signed, 4) => BigEndian ? BinaryPrimitives.ReadInt32BigEndian(bytes) : BinaryPrimitives.ReadInt32LittleEndian(bytes),
        (ElementKind.Unsigned, 8) => BigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        (ElementKind.Signed, 8) => BigEndian ? BinaryPrimitives.ReadInt64BigEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes),
        (ElementKind.Real, 2) => (double)(BigEndian ? BinaryPrimitives.ReadHalfBigEndian(bytes) : BinaryPrimitives.ReadHalfLittleEndian(bytes)),
        (ElementKind.Real, 4) => BigEndian ? BinaryPrimitives.ReadSingleBigEndian(bytes) : BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => BigEndian ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };
}

/// <summary>What the bits of an element mean.</summary>
internal enum ElementKind
{
    Unsigned,
    Signed,
    Real,
}
