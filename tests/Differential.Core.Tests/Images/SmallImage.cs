using System.Buffers.Binary;
using System.IO.Compression;
using Differential.Core.Images;

namespace Differential.Core.Tests.Images;

/// <summary>The image of tests/golden/make_images.py, and files made here.</summary>
internal static class SmallImage
{
    public const int Rows = 6;
    public const int Columns = 8;

    public static byte[] White { get; } = [255, 255, 255];

    public static string File(string name) => Path.Combine(AppContext.BaseDirectory, "files", "images", name);

    /// <summary>(40 row, 30 column, 8 row + 4 column).</summary>
    public static byte[] Colour() => [.. Enumerable.Range(0, Rows * Columns).SelectMany(static i => (byte[])[Red(i), (byte)(30 * (i % Columns)), (byte)((8 * (i / Columns)) + (4 * (i % Columns)))])];

    /// <summary>The red of a pixel.</summary>
    public static byte Red(int pixel) => (byte)(40 * (pixel / Columns));

    public static DecodedImage Decode(string name, int channels = 3) => Decode(System.IO.File.ReadAllBytes(File(name)), channels, name);

    public static DecodedImage Decode(byte[] bytes, int channels = 3, string name = "image") => ImageFile.Decode(bytes, name, channels, White);

    /// <summary>A PNG of 8 bits; the pixels may be of another size than the header says.</summary>
    public static byte[] Png(int width, int height, int channels, ReadOnlySpan<byte> pixels)
    {
        using var file = new MemoryStream();
        file.Write(PngStructure.Signature);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, (byte)(channels == 1 ? 0 : 2));
        Chunk(file, "IHDR"u8, header);
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            int line = width * channels;
            for (; !pixels.IsEmpty; pixels = pixels[Math.Min(line, pixels.Length)..])
            {
                zlib.WriteByte(0);
                zlib.Write(pixels[..Math.Min(line, pixels.Length)]);
            }
        }

        Chunk(file, "IDAT"u8, data.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>A PNG whose chunks have the right checksums, as far as there are chunks.</summary>
    public static byte[] WithChecksums(byte[] png)
    {
        for (long at = 8; at + 12 <= png.Length;)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan((int)at));
            if (length > png.Length - at - 12)
            {
                break;
            }

            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan((int)(at + 8 + length)), Crc32.Of(png.AsSpan((int)at + 4, (int)length + 4)));
            at += length + 12;
        }

        return png;
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] content = [.. type, .. data];
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(content));
        file.Write(number);
    }
}
