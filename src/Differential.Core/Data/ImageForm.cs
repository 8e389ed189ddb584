using System.Globalization;
using Differential.Core.Images;
using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>The one form that all images of a job get: size, channels, what shows through transparent pixels.</summary>
/// <param name="size">[height, width] that each image is resized to; null: all have the size of the first.</param>
/// <param name="channels">1 or 3.</param>
/// <param name="background">The colour as "#rrggbb".</param>
internal sealed class ImageForm(IReadOnlyList<int>? size, int channels, string background)
{
    /// <summary>The colour that transparent images are laid on where none is named.</summary>
    public const string White = "#ffffff";

    private readonly byte[] _background = Convert.FromHexString(background.AsSpan(1));
    private string? _first;
    private Shape? _shape = size is null ? null : new Shape(size[0], size[1], channels);

    /// <summary>[height, width, channels], once the first image decided it.</summary>
    public Shape Shape => _shape ?? throw new InvalidOperationException("no image was seen yet");

    /// <summary>Lets the first image decide the size where nothing else does; not beside <see cref="Pixels"/> on other threads.</summary>
    /// <exception cref="InputException">It is no image.</exception>
    public void Begin(byte[] bytes, string file, string place = "")
    {
        if (_shape is null)
        {
            DecodedImage image = Decode(bytes, file, place);
            (_shape, _first) = (new Shape(image.Height, image.Width, channels), place.Length == 0 ? file : place);
        }
    }

    /// <summary>The pixels of an image, [height, width, channels]; on any thread.</summary>
    /// <param name="bytes">The image file.</param>
    /// <param name="file">The file that it is, or is in.</param>
    /// <param name="place">Where in the file; empty for the file itself.</param>
    /// <exception cref="InputException">It is no image, or has another size than the first.</exception>
    public byte[] Pixels(byte[] bytes, string file, string place = "")
    {
        DecodedImage image = Decode(bytes, file, place);
        return size is not null || (image.Height == Shape[0] && image.Width == Shape[1])
            ? ImageResize.To(image, Shape[0], Shape[1]).Pixels
            : throw new InputException(
                file,
                place,
                string.Create(CultureInfo.InvariantCulture, $"an image of {image.Height} x {image.Width} (rows x columns)"),
                string.Create(CultureInfo.InvariantCulture, $"{Shape[0]} x {Shape[1]}, as {_first} has, or \"size\": [height, width] to resize all"));
    }

    private DecodedImage Decode(byte[] bytes, string file, string place)
    {
        try
        {
            return ImageFile.Decode(bytes, file, channels, _background);
        }
        catch (InputException mistake) when (place.Length > 0)
        {
            throw new InputException(file, mistake.Place.Length == 0 ? place : $"{place}, {mistake.Place}", mistake.Found, mistake.Allowed);
        }
    }
}
