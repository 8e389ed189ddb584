using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Differential.Service.Kinds.Attack;
using Differential.Service.Reporting;

namespace Differential.Service.Tests.Reporting;

/// <summary>Pictures, read back by the specification.</summary>
public sealed class PngImageTests
{
    [Fact]
    public void Encode_AnyPicture_ReadsBackAsItWas() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[1, 4]).SelectMany(static (width, height, channels) =>
            Gen.Byte.Array[width * height * channels].Select(pixels => (width, height, channels, pixels)))
        .Sample(
            static picture =>
            {
                byte[] file = PngImage.Encode(picture.width, picture.height, picture.channels, picture.pixels);
                Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], file[..8]);
                Dictionary<string, byte[]> chunks = Chunks(file);
                Assert.Equal(["IHDR", "IDAT", "IEND"], chunks.Keys);
                byte[] header = chunks["IHDR"];
                Assert.Equal((picture.width, picture.height), (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4))));
                Assert.Equal([8, picture.channels switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 }, 0, 0, 0], header[8..]);
                Assert.Equal(picture.pixels, Pixels(chunks["IDAT"], picture.width * picture.channels, picture.channels));
            },
            iter: 200);

    // The end of every PNG file, from the specification: the checksum of the name alone.
    [Fact]
    public void Encode_TheLastChunk_HasTheKnownChecksum() =>
        Assert.Equal([0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82], PngImage.Encode(1, 1, 1, [7])[^12..]);

    [Fact]
    public void Encode_OfAnotherNumberOfPixels_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => PngImage.Encode(2, 2, 3, new byte[11]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => PngImage.Encode(1, 1, 5, new byte[5]));
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0.04, 10)]
    [InlineData(8 / 255.0, 10)]
    [InlineData(1 / 255.0, 100)]
    [InlineData(0.9, 1)]
    [InlineData(0, 1)]
    public void Factor_OfTheLargestChange_StaysWithinBlackAndWhite(double largest, double factor) => Assert.Equal(factor, ExamplePictures.Factor(largest));

    private static Dictionary<string, byte[]> Chunks(byte[] file)
    {
        var chunks = new Dictionary<string, byte[]>();
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            chunks.Add(Encoding.ASCII.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + length)]);
            at += 12 + length;
        }

        return chunks;
    }

    private static byte[] Pixels(byte[] data, int stride, int channels)
    {
        using var zlib = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
        using var rows = new MemoryStream();
        zlib.CopyTo(rows);
        byte[] filtered = rows.ToArray();
        var pixels = new List<byte>();
        for (int at = 0; at < filtered.Length; at += stride + 1)
        {
            Assert.Equal(1, filtered[at]);
            var row = new byte[stride];
            for (int i = 0; i < stride; i++)
            {
                row[i] = (byte)(filtered[at + 1 + i] + (i >= channels ? row[i - channels] : 0));
            }

            pixels.AddRange(row);
        }

        return [.. pixels];
    }
}
