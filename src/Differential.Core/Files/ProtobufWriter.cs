using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Differential.Core.Files;

/// <summary>A message in protocol buffers' wire format, as it grows. Long byte fields are referred to, not copied, until the message is written.</summary>
internal sealed class ProtobufWriter
{
    private const int LongBytes = 1 << 10;

    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private ArrayBufferWriter<byte> _open = new();
    private long _closed;

    /// <summary>Bytes so far.</summary>
    public long Length => _closed + _open.WrittenCount;

    public void Varint(int field, long value)
    {
        Tag(field, WireType.Varint);
        Raw((ulong)value);
    }

    public void Double(int field, double value)
    {
        Tag(field, WireType.EightBytes);
        BinaryPrimitives.WriteDoubleLittleEndian(_open.GetSpan(sizeof(double)), value);
        _open.Advance(sizeof(double));
    }

    public void Single(int field, float value)
    {
        Tag(field, WireType.FourBytes);
        BinaryPrimitives.WriteSingleLittleEndian(_open.GetSpan(sizeof(float)), value);
        _open.Advance(sizeof(float));
    }

    public void Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public void Bytes(int field, ReadOnlyMemory<byte> bytes)
    {
        Tag(field, WireType.Delimited);
        Raw((ulong)bytes.Length);
        Append(bytes);
    }

    /// <summary>Numbers in one field, without a tag for each.</summary>
    public void Packed(int field, IEnumerable<long> values)
    {
        var packed = new ProtobufWriter();
        foreach (long value in values)
        {
            packed.Raw((ulong)value);
        }

        Message(field, packed);
    }

    public void Message(int field, ProtobufWriter message)
    {
        Tag(field, WireType.Delimited);
        Raw((ulong)message.Length);
        message.Close();
        foreach (ReadOnlyMemory<byte> part in message._parts)
        {
            Append(part);
        }
    }

    public byte[] ToArray()
    {
        Close();
        byte[] whole = new byte[_closed];
        int place = 0;
        foreach (ReadOnlyMemory<byte> part in _parts)
        {
            part.CopyTo(whole.AsMemory(place));
            place += part.Length;
        }

        return whole;
    }

    public void WriteTo(Stream stream)
    {
        Close();
        foreach (ReadOnlyMemory<byte> part in _parts)
        {
            stream.Write(part.Span);
        }
    }

    private void Append(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < LongBytes)
        {
            _open.Write(bytes.Span);
            return;
        }

        Close();
        _parts.Add(bytes);
        _closed += bytes.Length;
    }

    private void Close()
    {
        if (_open.WrittenCount > 0)
        {
            _parts.Add(_open.WrittenMemory);
            _closed += _open.WrittenCount;
            _open = new ArrayBufferWriter<byte>();
        }
    }

    private void Tag(int field, WireType type) => Raw(((ulong)field << 3) | (ulong)type);

    private void Raw(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _open.Write([(byte)(value | 0x80)]);
        }

        _open.Write([(byte)value]);
    }
}
