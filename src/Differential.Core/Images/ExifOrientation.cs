using System.Buffers.Binary;

namespace Differential.Core.Images;

/// <summary>The orientation of EXIF data (CIPA DC-008, tag 0x0112): how stored rows and columns lie in the upright image.</summary>
internal static class ExifOrientation
{
    private const int HeaderBytes = 8;
    private const int EntryBytes = 12;
    private const ushort Tag = 0x0112;
    private const ushort ShortType = 3;

    /// <summary>1 to 8; 1 where the data say nothing, or nothing that can be read.</summary>
    /// <param name="tiff">From the byte order mark on.</param>
    public static int Of(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < HeaderBytes || !(tiff.StartsWith("II"u8) || tiff.StartsWith("MM"u8)))
        {
            return 1;
        }

        bool little = tiff[0] == (byte)'I';
        uint start = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (start > tiff.Length - 2)
        {
            return 1;
        }

        ReadOnlySpan<byte> entries = tiff[(int)(start + 2)..];
        for (int count = Short(tiff[(int)start..], little); count > 0 && entries.Length >= EntryBytes; count--)
        {
            if (Short(entries, little) == Tag)
            {
                int value = Short(entries[8..], little);
                return Short(entries[2..], little) == ShortType && value is >= 1 and <= 8 ? value : 1;
            }

            entries = entries[EntryBytes..];
        }

        return 1;
    }

    /// <summary>The upright image.</summary>
    /// <param name="stored">As it lies in the file.</param>
    /// <param name="orientation">1 to 8.</param>
    public static DecodedImage Upright(DecodedImage stored, int orientation)
    {
        if (orientation == 1)
        {
            return stored;
        }

        // 2 to 4 mirror or turn by half; 5 to 8 exchange rows and columns.
        bool swaps = orientation >= 5;
        (int height, int width) = swaps ? (stored.Width, stored.Height) : (stored.Height, stored.Width);
        bool flipRows = orientation is 3 or 4 or 7 or 8;
        bool flipColumns = orientation is 2 or 3 or 6 or 7;
        int channels = stored.Channels;
        var upright = new byte[stored.Pixels.Length];
        for (int row = 0, to = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++, to += channels)
            {
                int y = flipRows ? height - 1 - row : row;
                int x = flipColumns ? width - 1 - column : column;
                int from = (swaps ? (x * stored.Width) + y : (y * stored.Width) + x) * channels;
                stored.Pixels.AsSpan(from, channels).CopyTo(upright.AsSpan(to));
            }
        }

        return new DecodedImage(height, width, channels, upright);
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool little) => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
