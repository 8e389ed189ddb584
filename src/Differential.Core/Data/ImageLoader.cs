using System.Globalization;
using Differential.Core.Images;
using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>Decodes images into a data set, some at a time on all cores; all come out in one size.</summary>
/// <param name="options">Size, channels and background.</param>
internal sealed class ImageLoader(ImagesOptions options)
{
    private const int AtOnce = 128;

    private readonly byte[] _background = Convert.FromHexString(options.Background.AsSpan(1));
    private (int Height, int Width)? _size = options.Size is { } size ? (size[0], size[1]) : null;
    private string? _first;

    /// <summary>The images in their order. Sets that are loaded one after another have one size.</summary>
    /// <param name="entries">At least one.</param>
    /// <param name="classes">Numbers of the chosen classes.</param>
    /// <exception cref="InputException">An image is broken or has another size than the first; of several the first in the order.</exception>
    public Dataset Load(IReadOnlyList<ImageEntry> entries, int[] classes)
    {
        Prepare(entries[0]);
        (int height, int width) = _size!.Value;
        Shape shape = new(height, width, options.Channels);
        using var pixels = new PixelWriter((long)entries.Count * shape.Length);
        var block = new byte[Math.Min(AtOnce, entries.Count)][];
        var mistakes = new InputException?[block.Length];
        for (int start = 0; start < entries.Count; start += block.Length)
        {
            int count = Math.Min(block.Length, entries.Count - start);
            Parallel.For(0, count, i =>
            {
                try
                {
                    mistakes[i] = null;
                    block[i] = Decode(entries[start + i].File).Pixels;
                }
                catch (InputException mistake)
                {
                    mistakes[i] = mistake;
                }
            });
            if (mistakes.AsSpan(0, count).ToArray().FirstOrDefault(mistake => mistake is not null) is { } found)
            {
                throw found;
            }

            for (int i = 0; i < count; i++)
            {
                pixels.Add(block[i]);
            }
        }

        sbyte[] labels = [.. entries.Select(entry => ClassRoom.LabelOf(Array.IndexOf(classes, entry.Class), classes.Length))];
        return Dataset.OfImages(shape, labels, pixels.ToStore(), classes.Length);
    }

    /// <summary>The first image decides the size where the options do not.</summary>
    private void Prepare(ImageEntry first)
    {
        if (_size is null)
        {
            DecodedImage image = ImageFile.Decode(ImageFile.ReadBytes(first.File), first.File, options.Channels, _background);
            (_size, _first) = ((image.Height, image.Width), first.File);
        }
    }

    private DecodedImage Decode(string file)
    {
        DecodedImage image = ImageFile.Decode(ImageFile.ReadBytes(file), file, options.Channels, _background);
        (int height, int width) = _size!.Value;
        return options.Size is not null || (image.Height == height && image.Width == width)
            ? ImageResize.To(image, height, width)
            : throw new InputException(
                file,
                string.Empty,
                string.Create(CultureInfo.InvariantCulture, $"an image of {image.Height} x {image.Width} (rows x columns)"),
                string.Create(CultureInfo.InvariantCulture, $"{height} x {width}, as {_first} has, or \"size\": [height, width] to resize all"));
    }
}
