using System.Buffers.Binary;
using System.IO.Compression;

namespace Differential.Core.Images;

/// <summary>The chunks of a PNG file (W3C Portable Network Graphics, third edition, section 5): each with its checksum, up to the last.</summary>
internal static class PngStructure
{
    private const int FrameBytes = 12;
    private const int HeaderBytes = 13;

    /// <summary>Deflate's largest ratio of output to input.</summary>
    private const long LargestRatio = 1032;

    /// <summary>Inflated bytes that need no look beforehand.</summary>
    private const long Harmless = 16L << 20;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static ImageHeader Read(ReadOnlySpan<byte> bytes, string file)
    {
        ImageHeader? header = null;
        int orientation = 1;
        int bits = 0;
        long compressed = 0;
        for (int at = Signature.Length; ;)
        {
            if (bytes.Length - at < FrameBytes)
            {
                throw ImageHeader.Cut(file, header is null ? "the header" : "a chunk", bytes.Length);
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            ReadOnlySpan<byte> type = bytes.Slice(at + 4, 4);
            if (length > bytes.Length - at - FrameBytes)
            {
                throw ImageHeader.Cut(file, $"the chunk at byte {at}", bytes.Length);
            }

            ReadOnlySpan<byte> data = bytes.Slice(at + 8, (int)length);
            if (Crc32.Of(bytes.Slice(at + 4, (int)length + 4)) != BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 8 + (int)length)..]))
            {
                throw new InputException(file, $"chunk at byte {at}", "a wrong checksum", "an undamaged PNG file");
            }

            if (header is null)
            {
                (header, bits) = Header(type, data, file);
            }
            else if (type.SequenceEqual("eXIf"u8))
            {
                orientation = ExifOrientation.Of(data);
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                compressed += length;
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                CheckInflated(bytes, header, bits, compressed, file);
                return header with { Orientation = orientation };
            }

            at += FrameBytes + (int)length;
        }
    }

    private static (ImageHeader Header, int BitsPerPixel) Header(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data, string file)
    {
        if (!type.SequenceEqual("IHDR"u8) || data.Length != HeaderBytes)
        {
            throw new InputException(file, "chunk at byte 8", "no IHDR chunk of 13 bytes", "a PNG file");
        }

        int samples = data[9] switch { 0 => 1, 2 => 3, 3 => 1, 4 => 2, 6 => 4, _ => 0 };
        if (samples == 0 || data[8] is not (1 or 2 or 4 or 8 or 16))
        {
            throw new InputException(file, "header", $"the colour type {data[9]} with {data[8]} bits", "a colour type and a number of bits of PNG");
        }

        int width = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(data), int.MaxValue);
        int height = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(data[4..]), int.MaxValue);
        int decoded = data[9] == 3 ? 4 : Math.Min(4, samples + 1);
        return (new ImageHeader("PNG", width, height, decoded * (data[8] == 16 ? 2 : 1)), samples * data[8]);
    }

    /// <summary>Refuses compressed data of many more bytes than the header's pixels take: the decoder would hold them all.</summary>
    private static void CheckInflated(ReadOnlySpan<byte> bytes, ImageHeader header, int bits, long compressed, string file)
    {
        if ((long)header.Width * header.Height > ImageHeader.MaxPixels)
        {
            return;
        }

        // With room for the filter byte and the part of a byte that each row of an interlaced image's seven passes has.
        long expected = ((((long)header.Width * bits) + 7) / 8 * header.Height) + (4L * header.Height) + (8L * header.Width) + 64;
        long most = Math.Max(expected, Harmless);
        if (compressed * LargestRatio <= most)
        {
            return;
        }

        using var data = new MemoryStream((int)compressed);
        for (int at = Signature.Length; at + FrameBytes <= bytes.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            if (bytes.Slice(at + 4, 4).SequenceEqual("IDAT"u8))
            {
                data.Write(bytes.Slice(at + 8, length));
            }

            at += FrameBytes + length;
        }

        data.Position = 0;
        using var inflated = new ZLibStream(data, CompressionMode.Decompress);
        byte[] block = new byte[1 << 16];
        try
        {
            long count = 0;
            for (int read; (read = inflated.Read(block)) > 0;)
            {
                count += read;
                if (count > most)
                {
                    throw new InputException(file, "IDAT", $"more than {most} bytes when inflated", $"at most {expected} bytes for {header.Width} x {header.Height} pixels");
                }
            }
        }
        catch (InvalidDataException)
        {
            throw new InputException(file, "IDAT", "data that can't be inflated", "an undamaged PNG file");
        }
    }
}
