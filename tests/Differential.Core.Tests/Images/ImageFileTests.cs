using System.Buffers.Binary;
using Differential.Core.Images;

namespace Differential.Core.Tests.Images;

public class ImageFileTests
{
    [Theory]
    [InlineData("rgb.png")]
    [InlineData("rgb16.png")]
    [InlineData("interlaced.png")]
    [InlineData("palette.png")]
    [InlineData("rgb.bmp")]
    [InlineData("palette.gif")]
    [InlineData("animated.gif")]
    [InlineData("orientation1.png")]
    [InlineData("orientation2.png")]
    [InlineData("orientation3.png")]
    [InlineData("orientation4.png")]
    [InlineData("orientation5.png")]
    [InlineData("orientation6.png")]
    [InlineData("orientation7.png")]
    [InlineData("orientation8.png")]
    public void Decode_LosslessColour_GivesTheVeryPixels(string name)
    {
        DecodedImage image = SmallImage.Decode(name);

        Assert.Equal((SmallImage.Rows, SmallImage.Columns, 3), (image.Height, image.Width, image.Channels));
        Assert.Equal(SmallImage.Colour(), image.Pixels);
    }

    [Theory]
    [InlineData("grey.png")]
    [InlineData("grey16.png")]
    [InlineData("grey.bmp")]
    public void Decode_LosslessGrey_GivesTheVeryPixels(string name)
    {
        byte[] expected = [.. Enumerable.Range(0, 48).Select(SmallImage.Red)];

        Assert.Equal(expected, SmallImage.Decode(name, 1).Pixels);
        Assert.Equal(expected.SelectMany(value => Enumerable.Repeat(value, 3)), SmallImage.Decode(name).Pixels);
    }

    /// <summary>What Pillow (libjpeg) decodes; decoders differ by the rounding of the transform and of the colours.</summary>
    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("grey.jpg")]
    public void Decode_Jpeg_IsWithinTwoOfPillow(string name)
    {
        byte[] expected = File.ReadAllBytes(SmallImage.File(Path.ChangeExtension(name, ".bin")));
        byte[] actual = SmallImage.Decode(name).Pixels;

        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.First - pair.Second, -2, 2));
    }

    [Fact]
    public void Decode_JpegWithOrientation_IsUpright()
    {
        DecodedImage image = SmallImage.Decode("orientation6.jpg");

        Assert.Equal((SmallImage.Rows, SmallImage.Columns), (image.Height, image.Width));
        Assert.All(SmallImage.Colour().Zip(image.Pixels), pair => Assert.InRange(pair.First - pair.Second, -12, 12));
    }

    [Fact]
    public void Decode_Alpha_LaysTheColourOverTheBackground()
    {
        byte[] bytes = File.ReadAllBytes(SmallImage.File("alpha.png"));
        byte[] background = [10, 20, 30];
        byte[] expected = [.. SmallImage.Colour().Select((value, i) => Blend(value, 5 * (i / 3), background[i % 3]))];
        byte[] grey = [.. Enumerable.Range(0, 48).Select(i => Blend(SmallImage.Red(i), 5 * i, 10))];

        Assert.Equal(expected, ImageFile.Decode(bytes, "a", 3, background).Pixels);
        Assert.Equal(grey, ImageFile.Decode(File.ReadAllBytes(SmallImage.File("greyAlpha.png")), "a", 1, [10, 10, 10]).Pixels);

        static byte Blend(int value, int alpha, int below) => (byte)Math.Round(((alpha * value) + ((255 - alpha) * below)) / 255.0, MidpointRounding.AwayFromZero);
    }

    [Fact]
    public void Decode_ColourAsGrey_IsItsLuma()
    {
        byte[] pixels = SmallImage.Decode(SmallImage.Png(4, 1, 3, [255, 0, 0, 0, 255, 0, 0, 0, 255, 77, 77, 77]), 1).Pixels;

        Assert.Equal([76, 150, 29, 77], pixels);
    }

    [Theory]
    [InlineData("rgb.png")]
    [InlineData("interlaced.png")]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("rgb.bmp")]
    [InlineData("palette.gif")]
    public void Decode_CutAnywhere_IsRefused(string name)
    {
        byte[] bytes = File.ReadAllBytes(SmallImage.File(name));
        int ends = name.EndsWith("gif", StringComparison.Ordinal) ? bytes.Length - 1 : bytes.Length;
        for (int length = 0; length < ends; length++)
        {
            InputException error = Assert.Throws<InputException>(() => SmallImage.Decode(bytes[..length]));
            Assert.Equal("image", error.File);
        }
    }

    [Fact]
    public void Decode_ChangedByteOfAPng_IsSeenByItsChecksum()
    {
        byte[] bytes = File.ReadAllBytes(SmallImage.File("rgb.png"));
        for (int i = 8; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x10;
            Assert.Throws<InputException>(() => SmallImage.Decode(damaged));
        }
    }

    [Fact]
    public void Decode_BombsOfEachKind_AreRefusedFromTheHeader()
    {
        byte[] png = SmallImage.Png(60_000, 60_000, 3, [1]);
        byte[] bmp = File.ReadAllBytes(SmallImage.File("rgb.bmp"));
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 60_000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 60_000);
        byte[] gif = File.ReadAllBytes(SmallImage.File("palette.gif"));
        BinaryPrimitives.WriteUInt16LittleEndian(gif.AsSpan(6), 60_000);
        BinaryPrimitives.WriteUInt16LittleEndian(gif.AsSpan(8), 60_000);
        byte[] jpeg = File.ReadAllBytes(SmallImage.File("baseline.jpg"));
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), 60_000);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), 60_000);
        long before = GC.GetTotalAllocatedBytes();

        foreach (byte[] bomb in (byte[][])[png, bmp, gif, jpeg])
        {
            Assert.Equal("an image of 60000 x 60000 pixels", Assert.Throws<InputException>(() => SmallImage.Decode(bomb)).Found);
        }

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1 << 20);
    }

    [Fact]
    public void Decode_SmallPngThatInflatesToMuch_IsRefused()
    {
        byte[] bomb = SmallImage.Png(16, 16, 3, new byte[64 << 20]);

        InputException error = Assert.Throws<InputException>(() => SmallImage.Decode(bomb));

        Assert.Equal(("IDAT", "at most 1024 bytes for 16 x 16 pixels"), (error.Place, error.Allowed));
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("II*\0", "the beginning of none of these formats")]
    [InlineData("RIFF....WEBP", "the beginning of none of these formats")]
    public void Decode_OtherContent_IsRefused(string content, string found) =>
        Assert.Equal(found, Assert.Throws<InputException>(() => SmallImage.Decode([.. content.Select(c => (byte)c)])).Found);
}
