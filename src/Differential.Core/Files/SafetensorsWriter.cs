using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Differential.Core.Files;

/// <summary>
/// Writes a safetensors file in one pass: the header for the tensors declared, then their elements in the declared order,
/// in pieces of any length.
/// </summary>
internal sealed class SafetensorsWriter
{
    private const int Alignment = 8;

    private readonly Stream _stream;
    private readonly IReadOnlyList<SafetensorsEntry> _entries;
    private int _current;
    private long _written;

    /// <summary>Writes the header.</summary>
    /// <param name="stream">Where the file goes; stays open.</param>
    /// <param name="entries">The tensors, in the order in which their elements will come; names are unique.</param>
    /// <param name="metadata">Strings by name for the header's <c>__metadata__</c>.</param>
    public SafetensorsWriter(Stream stream, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(metadata);
        HashSet<string> names = [SafetensorsHeader.MetadataName];
        foreach (SafetensorsEntry entry in entries)
        {
            if (!names.Add(entry.Name))
            {
                throw new ArgumentException($"A second tensor is called {entry.Name}.", nameof(entries));
            }
        }

        _stream = stream;
        _entries = entries;
        byte[] header = Header(entries, metadata);
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
    }

    /// <summary>The next elements of a float32 tensor.</summary>
    public void Write(ReadOnlySpan<float> values) => Write(MemoryMarshal.Cast<float, int>(values), SafetensorsType.F32, BinaryPrimitives.ReverseEndianness);

    /// <summary>The next elements of an int64 tensor.</summary>
    public void Write(ReadOnlySpan<long> values) => Write(values, SafetensorsType.I64, BinaryPrimitives.ReverseEndianness);

    /// <summary>The next elements of a uint8 tensor.</summary>
    public void Write(ReadOnlySpan<byte> values) => Write(values, SafetensorsType.U8, static (from, to) => from.CopyTo(to));

    /// <summary>Checks that every tensor that was declared has been written.</summary>
    /// <exception cref="InvalidOperationException">Elements are missing.</exception>
    public void Complete()
    {
        if (_current < _entries.Count)
        {
            throw new InvalidOperationException($"The tensor {_entries[_current].Name} is not complete.");
        }
    }

    private void Write<T>(ReadOnlySpan<T> values, SafetensorsType type, SpanAction<T> toLittleEndian)
        where T : unmanaged
    {
        if (values.IsEmpty)
        {
            return;
        }

        if (_current == _entries.Count || _entries[_current].Type != type || _written + values.Length > _entries[_current].Shape.Length)
        {
            throw new InvalidOperationException("These elements are not the next of a declared tensor.");
        }

        if (BitConverter.IsLittleEndian)
        {
            _stream.Write(MemoryMarshal.AsBytes(values));
        }
        else
        {
            T[] reversed = new T[values.Length];
            toLittleEndian(values, reversed);
            _stream.Write(MemoryMarshal.AsBytes<T>(reversed));
        }

        _written += values.Length;
        if (_written == _entries[_current].Shape.Length)
        {
            _current++;
            _written = 0;
        }
    }

    private static byte[] Header(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach ((string name, string value) in metadata)
                {
                    json.WriteString(name, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (SafetensorsEntry entry in entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Type.ToString());
                json.WriteStartArray("shape");
                foreach (int extent in entry.Shape.Dimensions)
                {
                    json.WriteNumberValue(extent);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += entry.Size);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces after the object, so that the data starts at a multiple of 8 bytes.
        byte[] header = new byte[(buffer.WrittenCount + Alignment - 1) / Alignment * Alignment];
        buffer.WrittenSpan.CopyTo(header);
        header.AsSpan(buffer.WrittenCount).Fill((byte)' ');
        return header;
    }

    private delegate void SpanAction<T>(ReadOnlySpan<T> from, Span<T> to);
}
