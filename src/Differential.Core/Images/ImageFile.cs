using Differential.Core.Files;
using StbImageSharp;

namespace Differential.Core.Images;

/// <summary>Image files: PNG, JPEG (baseline and progressive), BMP, and the first image of a GIF.</summary>
internal static class ImageFile
{
    /// <summary>Longest file, in bytes.</summary>
    private const int MaxBytes = 1 << 28;

    /// <summary>Images whose decoding takes more are decoded one after another.</summary>
    private const long LargeBytes = 16L << 20;

    private static readonly Lock Large = new();

    /// <summary>Whether a file's name says that it is an image of a kind that can be read.</summary>
    public static bool IsNamed(string file) => Path.GetExtension(file).ToUpperInvariant() is ".PNG" or ".JPG" or ".JPEG" or ".BMP" or ".GIF";

    /// <summary>Reads a file; on any thread.</summary>
    /// <exception cref="InputException">It can't be read, or is no image.</exception>
    public static byte[] ReadBytes(string file)
    {
        try
        {
            return RegularFile.ReadAllBytes(file, MaxBytes);
        }
        catch (Exception e) when (SystemError.IsOfFiles(e))
        {
            throw InputFiles.Unreadable(file, e, "an image file");
        }
    }

    /// <summary>Decodes an image and turns it upright; on any thread. 16 bits become 8: the upper byte of each value.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="background">[3], what alpha is composed on.</param>
    /// <exception cref="InputException">It is no image, damaged or too large.</exception>
    public static DecodedImage Decode(byte[] bytes, string file, int channels, byte[] background)
    {
        ImageHeader header = ImageHeader.Read(bytes, file);
        if (header.Bytes <= LargeBytes)
        {
            return Decode(bytes, file, header).WithChannels(channels, background).Upright(header.Orientation);
        }

        lock (Large)
        {
            return Decode(bytes, file, header).WithChannels(channels, background).Upright(header.Orientation);
        }
    }

    private static DecodedImage Upright(this DecodedImage image, int orientation) => ExifOrientation.Upright(image, orientation);

    private static DecodedImage Decode(byte[] bytes, string file, ImageHeader header)
    {
        ImageResult image;
        try
        {
            image = ImageResult.FromMemory(bytes, ColorComponents.Default);
        }
#pragma warning disable CA1031 // whatever the decoder stumbles over lies in the file
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw Damaged(file, header, exception is InvalidOperationException ? exception.Message : exception.GetType().Name);
        }

        int channels = image.Data.Length / (header.Width * header.Height);
        return image.Width == header.Width && image.Height == header.Height && channels is >= 1 and <= 4 && image.Data.Length == channels * header.Width * header.Height
            ? new DecodedImage(image.Height, image.Width, channels, image.Data)
            : throw Damaged(file, header, "another size than its header says");
    }

    private static InputException Damaged(string file, ImageHeader header, string why) =>
        new(file, string.Empty, $"a {header.Format} image that can't be decoded ({why.ReplaceLineEndings(" ")})", $"an undamaged {header.Format} image");
}
