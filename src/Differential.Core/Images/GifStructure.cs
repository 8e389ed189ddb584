using System.Buffers.Binary;

namespace Differential.Core.Images;

/// <summary>The blocks of a GIF file up to the end of its first image.</summary>
internal static class GifStructure
{
    private const int HeaderBytes = 13;
    private const int DescriptorBytes = 9;

    public static ImageHeader Read(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length < HeaderBytes)
        {
            throw ImageHeader.Cut(file, "the header", bytes.Length);
        }

        int width = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        int height = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        int at = HeaderBytes + Colours(bytes[10]);
        while (true)
        {
            switch (Byte(bytes, at++, file))
            {
                case 0x21:
                    at = PastBlocks(bytes, at + 1, file);
                    break;
                case 0x2C:
                    CheckFrame(bytes, at, width, height, file);
                    at += DescriptorBytes + Colours(bytes[at + 8]);
                    if (Byte(bytes, at, file) is 0 or > 11)
                    {
                        throw new InputException(file, $"byte {at}", $"codes of {bytes[at]} bits", "2 to 8");
                    }

                    PastBlocks(bytes, at + 1, file);
                    return new ImageHeader("GIF", width, height, 4);
                case byte other:
                    throw new InputException(file, $"byte {at - 1}", $"the byte 0x{other:X2} where a block should begin", "a GIF file with an image");
            }
        }
    }

    private static void CheckFrame(ReadOnlySpan<byte> bytes, int at, int width, int height, string file)
    {
        if (bytes.Length - at < DescriptorBytes)
        {
            throw ImageHeader.Cut(file, "the first image", bytes.Length);
        }

        int right = BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) + BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 4)..]);
        int bottom = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 2)..]) + BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 6)..]);
        if (right > width || bottom > height)
        {
            throw new InputException(file, $"byte {at}", $"a first image that reaches to {right} x {bottom}", $"one within {width} x {height}");
        }
    }

    private static int Colours(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static int PastBlocks(ReadOnlySpan<byte> bytes, int at, string file)
    {
        while (Byte(bytes, at, file) is var length and > 0)
        {
            at += 1 + length;
        }

        return at + 1;
    }

    private static byte Byte(ReadOnlySpan<byte> bytes, int at, string file) => at < bytes.Length ? bytes[at] : throw ImageHeader.Cut(file, "the first image", bytes.Length);
}
