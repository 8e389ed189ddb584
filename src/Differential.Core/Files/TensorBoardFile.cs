using System.Buffers.Binary;
using System.Numerics;

namespace Differential.Core.Files;

/// <summary>
/// Writes scalars as TensorBoard reads them: records of a length, a payload and checksums (TFRecord), each payload an Event
/// message of protocol buffers.
/// </summary>
internal sealed class TensorBoardFile : IDisposable
{
    private const string Version = "brain.Event:2";

    // Numbers of the fields: of an event, of a summary, of a value.
    private const int WallTime = 1;
    private const int Step = 2;
    private const int FileVersion = 3;
    private const int Summary = 5;
    private const int SummaryValue = 1;
    private const int Tag = 1;
    private const int SimpleValue = 2;

    private readonly Stream _stream;

    /// <param name="stream">Where records are appended; the file owns it. One that is empty gets the first record, the format's version.</param>
    /// <param name="created">Time of the first record.</param>
    public TensorBoardFile(Stream stream, DateTimeOffset created)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        if (!stream.CanSeek || stream.Length == 0)
        {
            var message = new ProtobufWriter();
            message.Double(WallTime, Seconds(created));
            message.Text(FileVersion, Version);
            WriteRecord(message.ToArray());
        }
    }

    /// <summary>The name of an event file: TensorBoard looks for <c>tfevents</c> in it.</summary>
    public static string FileName(DateTimeOffset created) => $"events.out.tfevents.{created.ToUnixTimeSeconds():D10}.differential";

    /// <summary>Writes values of one step as one event.</summary>
    /// <param name="time">When they were measured.</param>
    /// <param name="step">The step, at least 0.</param>
    /// <param name="values">Tag and value; float32 in the file.</param>
    public void Write(DateTimeOffset time, long step, IEnumerable<KeyValuePair<string, double>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var summary = new ProtobufWriter();
        foreach ((string tag, double value) in values)
        {
            var entry = new ProtobufWriter();
            entry.Text(Tag, tag);
            entry.Single(SimpleValue, (float)value);
            summary.Message(SummaryValue, entry);
        }

        var message = new ProtobufWriter();
        message.Double(WallTime, Seconds(time));
        message.Varint(Step, step);
        message.Message(Summary, summary);
        WriteRecord(message.ToArray());
    }

    public void Flush() => _stream.Flush();

    public void Dispose() => _stream.Dispose();

    /// <summary>CRC-32C of the bytes, rotated and offset as the record format asks: a checksum of data that holds checksums.</summary>
    internal static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }

    private static double Seconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;

    // u64 length, u32 checksum of it, the payload, u32 checksum of that; in one write, so that a reader sees whole records.
    private void WriteRecord(ReadOnlySpan<byte> payload)
    {
        byte[] record = new byte[payload.Length + 16];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedChecksum(record.AsSpan(0, 8)));
        payload.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + payload.Length), MaskedChecksum(payload));
        _stream.Write(record);
    }
}
