using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Differential.Core.Files;

/// <summary>
/// Files in the safetensors format: 8 bytes of header length, a JSON header, the elements in little-endian order.
/// Files that are read are not trusted: every length is checked against the file's before memory is taken for it.
/// </summary>
internal static class SafetensorsFile
{
    /// <summary>Writes float32 tensors, one after the other, the header padded with spaces to a multiple of 8 bytes.</summary>
    public static void Write(Stream stream, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        SafetensorsWriter writer = new(stream, [.. tensors.Select(tensor => new SafetensorsEntry(tensor.Name, SafetensorsType.F32, tensor.Shape))], metadata);
        foreach (NamedTensor tensor in tensors)
        {
            if (tensor.Values.Length != tensor.Shape.Length)
            {
                throw new ArgumentException($"The tensor {tensor.Name} has {tensor.Values.Length} values for the shape {tensor.Shape}.", nameof(tensors));
            }

            writer.Write(tensor.Values.AsSpan());
        }

        writer.Complete();
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="allowNonFinite">Whether NaN and infinite values pass.</param>
    /// <exception cref="InputException">The file is missing, unreadable or not of the format.</exception>
    public static SafetensorsContent Read(string path, bool allowNonFinite = false)
    {
        try
        {
            using FileStream stream = RegularFile.OpenRead(path, 1 << 16);
            return Read(stream, path, allowNonFinite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputFiles.Unreadable(path, e, "a safetensors file");
        }
    }

    /// <summary>Reads from the start of a stream whose length is known.</summary>
    /// <param name="stream">At its beginning.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="allowNonFinite">Whether NaN and infinite values pass.</param>
    /// <exception cref="InputException">The content is not of the format.</exception>
    public static SafetensorsContent Read(Stream stream, string file, bool allowNonFinite = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        long length = stream.Length;
        if (length < sizeof(long))
        {
            throw new InputException(file, string.Empty, $"{length} bytes", "a safetensors file: 8 bytes of header length, a header, data");
        }

        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        Fill(stream, file, prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        ulong most = (ulong)Math.Min(length - sizeof(long), SafetensorsHeader.MaxBytes);
        if (headerLength is 0 || headerLength > most)
        {
            throw new InputException(file, "header length", $"{headerLength} bytes in a file of {length}", $"1 to {most}");
        }

        byte[] json = new byte[(int)headerLength];
        Fill(stream, file, json);
        SafetensorsHeader header = SafetensorsHeader.Parse(file, json, length - sizeof(long) - json.Length);
        return ReadData(stream, file, header, allowNonFinite);
    }

    private static SafetensorsContent ReadData(Stream stream, string file, SafetensorsHeader header, bool allowNonFinite)
    {
        List<NamedTensor> tensors = [];
        List<NamedIntegers> integers = [];
        List<NamedBytes> bytes = [];
        foreach (SafetensorsEntry entry in header.Entries)
        {
            switch (entry.Type)
            {
                case SafetensorsType.F32:
                    tensors.Add(new NamedTensor(entry.Name, entry.Shape, ReadFloats(stream, file, header, entry, allowNonFinite)));
                    break;
                case SafetensorsType.I64:
                    integers.Add(new NamedIntegers(entry.Name, entry.Shape, ReadIntegers(stream, file, entry)));
                    break;
                default:
                    byte[] values = new byte[entry.Shape.Length];
                    Fill(stream, file, values);
                    bytes.Add(new NamedBytes(entry.Name, entry.Shape, values));
                    break;
            }
        }

        return new SafetensorsContent { Tensors = tensors, Integers = integers, Bytes = bytes, Metadata = header.Metadata };
    }

    private static float[] ReadFloats(Stream stream, string file, SafetensorsHeader header, SafetensorsEntry entry, bool allowNonFinite)
    {
        float[] values = new float[entry.Shape.Length];
        Span<int> words = MemoryMarshal.Cast<float, int>(values.AsSpan());
        Fill(stream, file, MemoryMarshal.AsBytes(words));
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        int bad = allowNonFinite ? -1 : values.AsSpan().IndexOfAnyNonFinite();
        return bad < 0 ? values : throw header.Error($"{SafetensorsHeader.Place(entry.Name)} element {bad}", float.IsNaN(values[bad]) ? "NaN" : "an infinite value", "finite values");
    }

    private static long[] ReadIntegers(Stream stream, string file, SafetensorsEntry entry)
    {
        long[] values = new long[entry.Shape.Length];
        Fill(stream, file, MemoryMarshal.AsBytes(values.AsSpan()));
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(values, values);
        }

        return values;
    }

    private static void Fill(Stream stream, string file, Span<byte> buffer)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
        {
            throw new InputException(file, string.Empty, "it became shorter while it was read", "a file that nobody writes to");
        }
    }

    private static int IndexOfAnyNonFinite(this Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
