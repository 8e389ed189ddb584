using System.Buffers.Binary;

namespace Differential.Core.Images;

/// <summary>The segments of a JPEG file (ITU-T T.81, annex B) from the start of the image to its end.</summary>
internal static class JpegStructure
{
    private const string Allowed = "a baseline or progressive JPEG file of 8 bits";

    public static ImageHeader Read(ReadOnlySpan<byte> bytes, string file)
    {
        ImageHeader? header = null;
        int orientation = 1;
        int at = 2;
        while (true)
        {
            byte marker = Marker(bytes, ref at, file);
            if (marker == 0xD9)
            {
                return header is null
                    ? throw new InputException(file, $"byte {at}", "the end of the image before its header", Allowed)
                    : header with { Orientation = orientation };
            }

            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                continue;
            }

            int length = bytes.Length - at < 2 ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            if (length < 2 || length > bytes.Length - at)
            {
                throw length < 2
                    ? new InputException(file, $"byte {at}", $"a segment of {length} bytes", Allowed)
                    : ImageHeader.Cut(file, $"the segment at byte {at}", bytes.Length);
            }

            ReadOnlySpan<byte> segment = bytes.Slice(at + 2, length - 2);
            at += length;
            switch (marker)
            {
                case >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC):
                    header = Frame(marker, segment, header, file);
                    break;
                case 0xE1 when segment.StartsWith("Exif\0\0"u8):
                    orientation = ExifOrientation.Of(segment[6..]);
                    break;
                case 0xDA:
                    at = PastScan(bytes, at);
                    break;
            }
        }
    }

    private static ImageHeader Frame(byte marker, ReadOnlySpan<byte> segment, ImageHeader? earlier, string file)
    {
        if (marker is not (0xC0 or 0xC1 or 0xC2) || segment.Length < 6 || segment[0] != 8 || earlier is not null)
        {
            string found = earlier is not null ? "a second frame" : marker is 0xC0 or 0xC1 or 0xC2 ? "a frame of other than 8 bits" : $"a frame of the kind {marker - 0xC0} (lossless, hierarchical or arithmetic)";
            throw new InputException(file, "frame header", found, Allowed);
        }

        // The coefficients of a progressive file lie beside the pixels while it is decoded.
        int components = segment[5];
        return new ImageHeader("JPEG", BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), marker == 0xC2 ? 3 * components : components);
    }

    private static byte Marker(ReadOnlySpan<byte> bytes, ref int at, string file)
    {
        if (at < bytes.Length && bytes[at] != 0xFF)
        {
            throw new InputException(file, $"byte {at}", $"the byte 0x{bytes[at]:X2} where a segment should begin", Allowed);
        }

        while (at < bytes.Length && bytes[at] == 0xFF)
        {
            at++;
        }

        return at < bytes.Length ? bytes[at++] : throw ImageHeader.Cut(file, "the image", bytes.Length);
    }

    /// <summary>The first byte after a scan's coded data: 0xFF there stands before 0 or a restart marker alone.</summary>
    private static int PastScan(ReadOnlySpan<byte> bytes, int at)
    {
        while (true)
        {
            int found = bytes[at..].IndexOf((byte)0xFF);
            if (found < 0 || at + found + 1 >= bytes.Length)
            {
                return bytes.Length;
            }

            at += found;
            if (bytes[at + 1] is not (0 or 0xFF or (>= 0xD0 and <= 0xD7)))
            {
                return at;
            }

            at += bytes[at + 1] == 0xFF ? 1 : 2;
        }
    }
}
