using System.Buffers.Binary;

namespace Differential.Core.Images;

/// <summary>The header of a Windows bitmap; uncompressed ones alone are read.</summary>
internal static class BmpStructure
{
    private const int FileHeaderBytes = 14;
    private const int OldHeaderBytes = 12;
    private const int LeastHeaderBytes = 40;

    public static ImageHeader Read(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length < FileHeaderBytes + OldHeaderBytes)
        {
            throw ImageHeader.Cut(file, "the header", bytes.Length);
        }

        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(bytes[10..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[14..]);
        if (size != OldHeaderBytes && bytes.Length < FileHeaderBytes + LeastHeaderBytes)
        {
            throw ImageHeader.Cut(file, "the header", bytes.Length);
        }

        long width, height;
        int bits;
        uint compression = 0;
        if (size == OldHeaderBytes)
        {
            (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]));
            bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[24..]);
        }
        else
        {
            (width, height) = (BinaryPrimitives.ReadInt32LittleEndian(bytes[18..]), Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(bytes[22..])));
            bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]);
            compression = BinaryPrimitives.ReadUInt32LittleEndian(bytes[30..]);
        }

        if (bits is not (1 or 4 or 8 or 16 or 24 or 32) || compression is not (0 or 3) || width < 0 || height > int.MaxValue)
        {
            throw new InputException(file, "header", $"a bitmap of {bits} bits and the compression {compression}", "an uncompressed bitmap of 1, 4, 8, 16, 24 or 32 bits");
        }

        var header = new ImageHeader("BMP", (int)width, (int)height, 4);
        if (width * height <= ImageHeader.MaxPixels && offset + (((width * bits) + 31) / 32 * 4 * height) > bytes.Length)
        {
            throw ImageHeader.Cut(file, "the pixels", bytes.Length);
        }

        return header;
    }
}
