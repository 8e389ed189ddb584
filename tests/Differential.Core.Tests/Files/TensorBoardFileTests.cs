using System.Buffers.Binary;
using System.Text;
using Differential.Core.Files;

namespace Differential.Core.Tests.Files;

public sealed class TensorBoardFileTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    // CRC-32C of RFC 3720, B.4 (iSCSI), masked as the record format does it.
    [Theory]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("", 0x00000000)]
    public void MaskedChecksum_KnownText_IsTheMaskedCrc(string text, uint crc) =>
        Assert.Equal(((crc >> 15) | (crc << 17)) + 0xa282ead8, TensorBoardFile.MaskedChecksum(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData(0, 0x8A9136AA)]
    [InlineData(0xFF, 0x62A8AB43)]
    public void MaskedChecksum_32EqualBytes_IsTheMaskedCrcOfTheStandard(byte value, uint crc)
    {
        byte[] bytes = new byte[32];
        bytes.AsSpan().Fill(value);

        Assert.Equal(((crc >> 15) | (crc << 17)) + 0xa282ead8, TensorBoardFile.MaskedChecksum(bytes));
    }

    [Fact]
    public void Write_Scalars_AreRecordsOfEvents()
    {
        var stream = new MemoryStream();
        using var file = new TensorBoardFile(stream, Noon);
        file.Write(Noon.AddSeconds(1.5), 300, [new("training/loss", 0.25)]);

        List<byte[]> records = Records(stream.ToArray());

        Assert.Equal(2, records.Count);
        Assert.Equal([0x09, .. BitConverter.GetBytes((double)Noon.ToUnixTimeSeconds()), 0x1A, 13, .. "brain.Event:2"u8], records[0]);
        byte[] value = [0x0A, 13, .. "training/loss"u8, 0x15, .. BitConverter.GetBytes(0.25f)];
        byte[] summary = [0x0A, (byte)value.Length, .. value];
        Assert.Equal([0x09, .. BitConverter.GetBytes(Noon.ToUnixTimeSeconds() + 1.5), 0x10, 0xAC, 0x02, 0x2A, (byte)summary.Length, .. summary], records[1]);
    }

    [Fact]
    public void FileName_AnyTime_IsOneThatTensorBoardLooksFor() => Assert.Equal("events.out.tfevents.1767268800.differential", TensorBoardFile.FileName(Noon));

    private static List<byte[]> Records(byte[] bytes)
    {
        List<byte[]> records = [];
        for (int at = 0; at < bytes.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(TensorBoardFile.MaskedChecksum(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            byte[] payload = bytes[(at + 12)..(at + 12 + length)];
            Assert.Equal(TensorBoardFile.MaskedChecksum(payload), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            records.Add(payload);
            at += 16 + length;
        }

        return records;
    }
}
