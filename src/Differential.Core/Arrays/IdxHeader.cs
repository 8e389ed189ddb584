using System.Buffers.Binary;
using System.IO.Compression;
using Differential.Core.Files;

namespace Differential.Core.Arrays;

/// <summary>The header of MNIST's array files (LeCun's IDX): two zeros, a type, the number of dimensions, and each of them as a big-endian number. Plain or packed by gzip.</summary>
internal static class IdxHeader
{
    private const string Allowed = "an IDX file of bytes, plain or packed by gzip";

    /// <summary>Reads an array's header.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="InputException">It is no such file, or not one of bytes.</exception>
    public static StoredArray Read(string file)
    {
        var source = new ArraySource(file, string.Empty, -1, () => Open(file));
        try
        {
            long packed;
            using (FileStream plain = RegularFile.OpenRead(file))
            {
                packed = plain.Length;
            }

            using Stream stream = source.Open();
            Span<byte> start = stackalloc byte[4];
            if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length)
            {
                throw source.Mistake("header", packed == 0 ? "the file is empty" : "the file ends within the header", Allowed);
            }

            if (start[0] != 0 || start[1] != 0 || start[2] != 8 || start[3] is 0 or > 8)
            {
                throw source.Mistake("byte 0", $"the bytes {Convert.ToHexString(start)}", $"{Allowed}: 0000, 08 and the number of dimensions");
            }

            var dimensions = new long[(int)start[3]];
            for (int i = 0; i < dimensions.Length; i++)
            {
                if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length)
                {
                    throw source.Mistake("header", "the file ends within the header", Allowed);
                }

                dimensions[i] = BinaryPrimitives.ReadUInt32BigEndian(start);
            }

            if (StoredArray.Check(dimensions) is { } found)
            {
                throw source.Mistake("header", found, $"at most {int.MaxValue} samples of 1 to {StoredArray.MaxSample} bytes");
            }

            var array = new StoredArray(source, 4 + (4 * dimensions.Length), ElementType.Byte, [.. dimensions.Select(static dimension => (int)dimension)]);
            long length = array.HeaderBytes + ((long)array.Count * array.SampleLength);

            // Deflate makes a byte of at most 1032: a packed file that can't hold so much is not even begun.
            bool isPacked = stream is GZipStream;
            return isPacked ? packed * 1032 >= length ? array : throw Wrong() : packed == length ? array : throw Wrong();

            InputException Wrong() => source.Mistake(
                array.Count > 0 && !isPacked && packed < length ? $"record {((packed - array.HeaderBytes) / array.SampleLength) + 1}" : string.Empty,
                $"a file of {packed} bytes",
                $"{length} bytes, for the dimensions {string.Join(" x ", dimensions)} in the header");
        }
        catch (Exception exception) when (ArraySource.IsOfReading(exception))
        {
            throw source.Unreadable(exception, Allowed);
        }
    }

    private static Stream Open(string file)
    {
        FileStream stream = RegularFile.OpenRead(file, 1 << 18);
        bool packed = stream.ReadByte() == 0x1F && stream.ReadByte() == 0x8B;
        stream.Position = 0;
        return packed ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }
}
