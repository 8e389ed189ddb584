using CsCheck;
using Differential.Core.Images;

namespace Differential.Core.Tests.Images;

public class ImageResizeTests
{
    [Fact]
    public void To_Smaller_IsTheMeanOfWhatEachPixelCovers()
    {
        DecodedImage image = new(2, 5, 1, [0, 10, 20, 30, 40, 100, 110, 120, 130, 141]);

        // Columns 0 to 2.5 and 2.5 to 5: (0 + 10 + 20 / 2) / 2.5 = 8 and (20 / 2 + 30 + 40) / 2.5 = 32.
        Assert.Equal([8, 32, 108, 132], ImageResize.To(image, 2, 2).Pixels);
        Assert.Equal([58, 82], ImageResize.To(image with { Pixels = [0, 10, 20, 30, 40, 100, 110, 120, 130, 140] }, 1, 2).Pixels);
    }

    [Fact]
    public void To_Larger_IsBetweenTheCentres()
    {
        DecodedImage image = new(1, 2, 1, [0, 100]);

        Assert.Equal([0, 25, 75, 100, 0, 25, 75, 100], ImageResize.To(image, 2, 4).Pixels);
    }

    /// <summary>Pillow's BILINEAR of the same image (rounding apart).</summary>
    [Fact]
    public void To_LargerSmallImage_IsPillows()
    {
        DecodedImage image = SmallImage.Decode("rgb.png");
        byte[] larger = ImageResize.To(image, 9, 13).Pixels;
        byte[] blue = [0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24, 26, 28, 4, 6, 8, 11, 13, 16, 18, 20, 23, 25, 28, 30, 32];

        Assert.All(blue.Select((value, i) => value - larger[(3 * i) + 2]), difference => Assert.InRange(difference, -1, 1));
    }

    [Fact]
    public void To_AnySize_KeepsOneColourAndTheRange() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Byte, Gen.Byte).Sample((height, width, rows, columns, low, high) =>
        {
            byte[] pixels = [.. Enumerable.Range(0, height * width).Select(i => i % 2 == 0 ? low : high)];
            byte[] resized = ImageResize.To(new DecodedImage(height, width, 1, pixels), rows, columns).Pixels;
            byte[] flat = ImageResize.To(new DecodedImage(height, width, 1, [.. pixels.Select(_ => low)]), rows, columns).Pixels;
            return resized.Length == rows * columns && resized.All(value => value >= Math.Min(low, high) && value <= Math.Max(low, high)) && flat.All(value => value == low);
        });
}
