using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>
/// A file of a JSON header and float32 tensors with a checksum: the mark, the header's length (int32, little-endian), the
/// header, the number of tensors, each tensor's name (its length in bytes and UTF-8), length and values, and SHA-256 of all that stands before.
/// Version 1 had no names: its tensors are read with empty ones, in their order.
/// </summary>
internal static class CheckpointFile
{
    private const int BlockBytes = 1 << 20;
    private const int MaxHeaderBytes = 1 << 30;
    private const int MaxTensors = 1 << 20;

    private const int MaxNameBytes = 1 << 16;

    private static ReadOnlySpan<byte> Mark => "DIFFCKP2"u8;

    private static ReadOnlySpan<byte> MarkWithoutNames => "DIFFCKP1"u8;

    /// <summary>Writes durably: the target is whole or as it was.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Write<T>(string path, T header, IReadOnlyList<NamedTensor> tensors) => DurableFile.Write(path, stream =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        Put(Mark);
        PutNumber(json.Length);
        Put(json);
        PutNumber(tensors.Count);
        foreach (NamedTensor tensor in tensors)
        {
            byte[] name = Encoding.UTF8.GetBytes(tensor.Name);
            PutNumber(name.Length);
            Put(name);
            float[] values = tensor.Values;
            PutNumber(values.Length);
            for (int start = 0; start < values.Length; start += BlockBytes / sizeof(float))
            {
                Put(MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(BlockBytes / sizeof(float), values.Length - start))));
            }
        }

        stream.Write(hash.GetHashAndReset());

        void Put(ReadOnlySpan<byte> bytes)
        {
            stream.Write(bytes);
            hash.AppendData(bytes);
        }

        void PutNumber(int number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            Put(bytes);
        }
    });

    /// <summary>Reads what <see cref="Write"/> wrote, or the version before it.</summary>
    /// <exception cref="InvalidDataException">The file is cut short, changed, or no such file.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static (T Header, IReadOnlyList<NamedTensor> Tensors) Read<T>(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        long end = stream.Length - SHA256.HashSizeInBytes;
        if (end < Mark.Length)
        {
            throw new InvalidDataException($"{stream.Length} bytes are no checkpoint");
        }

        CheckHash(stream, end);
        stream.Position = 0;
        using BinaryReader reader = new(stream);
        byte[] mark = reader.ReadBytes(Mark.Length);
        bool hasNames = mark.AsSpan().SequenceEqual(Mark);
        if (!hasNames && !mark.AsSpan().SequenceEqual(MarkWithoutNames))
        {
            throw new InvalidDataException("not a checkpoint of this version");
        }

        byte[] json = reader.ReadBytes(Length(MaxHeaderBytes));
        var tensors = new NamedTensor[Length(MaxTensors)];
        for (int i = 0; i < tensors.Length; i++)
        {
            string name = hasNames ? Encoding.UTF8.GetString(reader.ReadBytes(Length(MaxNameBytes))) : string.Empty;
            var values = new float[Length(Array.MaxLength)];
            for (int start = 0; start < values.Length; start += BlockBytes)
            {
                stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(BlockBytes, values.Length - start))));
            }

            tensors[i] = new NamedTensor(name, new Shape(values.Length), values);
        }

        try
        {
            return (JsonSerializer.Deserialize<T>(json) ?? throw new InvalidDataException("an empty header"), tensors);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("a header of another version", exception);
        }

        int Length(long most)
        {
            int length = reader.ReadInt32();
            return length >= 0 && length <= most && length <= end ? length : throw new InvalidDataException($"a length of {length}");
        }
    }

    private static void CheckHash(FileStream stream, long end)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockBytes];
        for (long left = end; left > 0;)
        {
            int length = (int)Math.Min(block.Length, left);
            stream.ReadExactly(block.AsSpan(0, length));
            hash.AppendData(block, 0, length);
            left -= length;
        }

        Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(stored);
        if (!stored.SequenceEqual(hash.GetHashAndReset()))
        {
            throw new InvalidDataException("the checksum does not fit the content");
        }
    }
}
