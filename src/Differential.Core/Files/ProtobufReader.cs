using System.Buffers.Binary;
using System.Text;

namespace Differential.Core.Files;

/// <summary>
/// Reads a message in protocol buffers' wire format, field by field, out of bytes that are there already: what it yields are views of them, so
/// that no length in a file makes it take memory.
/// </summary>
/// <param name="message">The message.</param>
internal struct ProtobufReader(ReadOnlyMemory<byte> message)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _position;

    /// <summary>Number of the field that <see cref="Next"/> came to.</summary>
    public int Field { get; private set; }

    /// <summary>How it is written.</summary>
    public WireType Type { get; private set; }

    /// <summary>Comes to the next field; its value is to be read or passed over.</summary>
    /// <returns>False at the end of the message.</returns>
    /// <exception cref="FormatException">No such field.</exception>
    public bool Next()
    {
        if (_position == message.Length)
        {
            return false;
        }

        ulong tag = Raw();
        ulong field = tag >> 3;
        Type = (WireType)(tag & 7);
        if (field is 0 or >= 1 << 29 || Type is not (WireType.Varint or WireType.EightBytes or WireType.Delimited or WireType.FourBytes))
        {
            throw Wrong($"field {field} of wire type {(int)Type}");
        }

        Field = (int)field;
        return true;
    }

    public void Skip()
    {
        switch (Type)
        {
            case WireType.Varint:
                Raw();
                break;
            case WireType.Delimited:
                Bytes();
                break;
            default:
                Take(Type == WireType.FourBytes ? sizeof(uint) : sizeof(ulong));
                break;
        }
    }

    public long Integer()
    {
        Expect(WireType.Varint);
        return (long)Raw();
    }

    public float Single()
    {
        Expect(WireType.FourBytes);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)).Span);
    }

    public ReadOnlyMemory<byte> Bytes()
    {
        Expect(WireType.Delimited);
        ulong length = Raw();
        return length <= int.MaxValue ? Take((int)length) : throw Wrong($"a length of {length}");
    }

    public string Text()
    {
        try
        {
            return Utf8.GetString(Bytes().Span);
        }
        catch (ArgumentException)
        {
            throw Wrong("a text that is not UTF-8");
        }
    }

    public ProtobufReader Message() => new(Bytes());

    /// <summary>One integer, or as many as a packed field holds.</summary>
    /// <param name="values">To which they are added.</param>
    /// <param name="most">Numbers that the list may come to: a byte of the file may be a number of eight.</param>
    public void Integers(List<long> values, int most)
    {
        if (Type == WireType.Varint)
        {
            Add(values, Integer(), most);
            return;
        }

        ProtobufReader packed = Message();
        while (packed._position < packed.Length)
        {
            Add(values, (long)packed.Raw(), most);
        }
    }

    /// <summary>One float32, or as many as a packed field holds.</summary>
    public void Singles(List<float> values)
    {
        if (Type == WireType.FourBytes)
        {
            values.Add(Single());
            return;
        }

        ReadOnlySpan<byte> packed = Bytes().Span;
        CheckWhole(packed.Length, sizeof(float));
        for (; packed.Length > 0; packed = packed[sizeof(float)..])
        {
            values.Add(BinaryPrimitives.ReadSingleLittleEndian(packed));
        }
    }

    /// <summary>One float64, or as many as a packed field holds.</summary>
    public void Doubles(List<double> values)
    {
        ReadOnlySpan<byte> packed = Type == WireType.EightBytes ? Take(sizeof(double)).Span : Bytes().Span;
        CheckWhole(packed.Length, sizeof(double));
        for (; packed.Length > 0; packed = packed[sizeof(double)..])
        {
            values.Add(BinaryPrimitives.ReadDoubleLittleEndian(packed));
        }
    }

    private readonly int Length => message.Length;

    private readonly void Add(List<long> values, long value, int most)
    {
        if (values.Count == most)
        {
            throw Wrong($"a list of more than {most} numbers");
        }

        values.Add(value);
    }

    private ulong Raw()
    {
        ReadOnlySpan<byte> bytes = message.Span;
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (_position == bytes.Length)
            {
                throw Wrong("the end within a number");
            }

            byte part = bytes[_position++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Wrong("a number of more than 10 bytes");
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > message.Length - _position)
        {
            throw Wrong($"{length} bytes of which {message.Length - _position} are there");
        }

        ReadOnlyMemory<byte> taken = message.Slice(_position, length);
        _position += length;
        return taken;
    }

    private readonly void Expect(WireType type)
    {
        if (Type != type)
        {
            throw Wrong($"field {Field} of wire type {(int)Type}, not {(int)type}");
        }
    }

    private readonly void CheckWhole(int length, int size)
    {
        if (length % size != 0)
        {
            throw Wrong($"{length} bytes of numbers of {size}");
        }
    }

    private readonly FormatException Wrong(string found) => new($"{found} at byte {_position} of a message of {message.Length}");
}
