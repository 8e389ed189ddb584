namespace Differential.Core.Images;

/// <summary>What an image file's own structure says before anything is decoded.</summary>
/// <param name="Format">PNG, JPEG, BMP or GIF.</param>
/// <param name="Width">Stored columns, at least 1.</param>
/// <param name="Height">Stored rows, at least 1.</param>
/// <param name="BytesPerPixel">Of the decoded image, at most.</param>
/// <param name="Orientation">EXIF's orientation, 1 to 8; 1 is upright.</param>
internal sealed record ImageHeader(string Format, int Width, int Height, int BytesPerPixel, int Orientation = 1)
{
    /// <summary>Most pixels of an image.</summary>
    public const long MaxPixels = 1L << 26;

    private const string Allowed = "a PNG, JPEG, BMP or GIF image";

    /// <summary>Decoded bytes, at most.</summary>
    public long Bytes => (long)Width * Height * BytesPerPixel;

    /// <summary>Reads and checks the structure of a whole file: its kind by its first bytes, its size in pixels, and that it is not cut short.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="InputException">It is no image of a known kind, cut, damaged or too large.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> bytes, string file)
    {
        ImageHeader header = bytes switch
        {
            _ when bytes.StartsWith(PngStructure.Signature) => PngStructure.Read(bytes, file),
            [0xFF, 0xD8, 0xFF, ..] => JpegStructure.Read(bytes, file),
            [(byte)'B', (byte)'M', ..] => BmpStructure.Read(bytes, file),
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => GifStructure.Read(bytes, file),
            [] => throw new InputException(file, string.Empty, "the file is empty", Allowed),
            _ => throw new InputException(file, "byte 0", "the beginning of none of these formats", Allowed),
        };
        return header.Width > 0 && header.Height > 0 && (long)header.Width * header.Height <= MaxPixels
            ? header
            : throw new InputException(file, "header", $"an image of {header.Width} x {header.Height} pixels", $"at least 1 and at most {MaxPixels} pixels");
    }

    /// <summary>The message of a file that ends too early.</summary>
    internal static InputException Cut(string file, string within, int length) =>
        new(file, $"byte {length}", $"the file ends within {within}", "a whole image file");
}
