using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Differential.Service.Reporting;

/// <summary>Pictures as PNG files within the page (W3C PNG specification, third edition): no request goes out for them.</summary>
internal static class PngImage
{
    private static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(static i => Rest((uint)i))];

    /// <summary>The picture as the address of an image.</summary>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="channels">1 for grey, 2 for grey with transparency, 3 for colours, 4 for colours with transparency.</param>
    /// <param name="pixels">[height, width, channels], 0 to 255.</param>
    public static string DataUri(int width, int height, int channels, ReadOnlySpan<byte> pixels) => $"data:image/png;base64,{Convert.ToBase64String(Encode(width, height, channels, pixels))}";

    /// <summary>The file.</summary>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="channels">1 to 4, as above.</param>
    /// <param name="pixels">[height, width, channels].</param>
    public static byte[] Encode(int width, int height, int channels, ReadOnlySpan<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, width * height * channels, nameof(pixels));
        byte color = channels switch { 1 => 0, 2 => 4, 3 => 2, 4 => 6, _ => throw new ArgumentOutOfRangeException(nameof(channels)) };
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        (header[8], header[9]) = (8, color);
        using var file = new MemoryStream();
        file.Write(Signature);
        Chunk(file, "IHDR", header);
        Chunk(file, "IDAT", Compressed(width * channels, height, channels, pixels));
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>Each row as differences to the pixel on its left (filter 1), which photographs compress better by.</summary>
    private static byte[] Compressed(int stride, int height, int channels, ReadOnlySpan<byte> pixels)
    {
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var row = new byte[stride + 1];
            row[0] = 1;
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> from = pixels.Slice(y * stride, stride);
                for (int i = 0; i < stride; i++)
                {
                    row[i + 1] = (byte)(from[i] - (i >= channels ? from[i - channels] : 0));
                }

                zlib.Write(row);
            }
        }

        return data.ToArray();
    }

    private static void Chunk(MemoryStream file, string name, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] tag = Encoding.ASCII.GetBytes(name);
        file.Write(tag);
        file.Write(data);
        uint sum = uint.MaxValue;
        foreach (byte value in tag)
        {
            sum = Next(sum, value);
        }

        foreach (byte value in data)
        {
            sum = Next(sum, value);
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, ~sum);
        file.Write(number);
    }

    private static uint Next(uint sum, byte value) => Table[(sum ^ value) & 0xFF] ^ (sum >> 8);

    /// <summary>An entry of the checksum's table: eight steps of the polynomial 0xEDB88320 (annex D).</summary>
    private static uint Rest(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            value = (value & 1) == 1 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
        }

        return value;
    }
}
