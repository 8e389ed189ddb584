using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Differential.Core.Files;

namespace Differential.Core.Training;

/// <summary>
/// A file of a JSON header and float32 tensors with a checksum: the mark, the header's length (int32, little-endian), the
/// header, the number of tensors, each tensor's length and values, and SHA-256 of all that stands before.
/// </summary>
internal static class CheckpointFile
{
    private const int BlockBytes = 1 << 20;
    private const int MaxHeaderBytes = 1 << 30;

    private static ReadOnlySpan<byte> Mark => "DIFFCKP1"u8;

    /// <summary>Writes durably: the target is whole or as it was.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Write<T>(string path, T header, IReadOnlyList<float[]> tensors) => DurableFile.Write(path, stream =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        Put(Mark);
        PutNumber(json.Length);
        Put(json);
        PutNumber(tensors.Count);
        foreach (float[] tensor in tensors)
        {
            PutNumber(tensor.Length);
            for (int start = 0; start < tensor.Length; start += BlockBytes / sizeof(float))
            {
                Put(MemoryMarshal.AsBytes(tensor.AsSpan(start, Math.Min(BlockBytes / sizeof(float), tensor.Length - start))));
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

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is cut short, changed, or no such file.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static (T Header, IReadOnlyList<float[]> Tensors) Read<T>(string path)
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
        if (!reader.ReadBytes(Mark.Length).AsSpan().SequenceEqual(Mark))
        {
            throw new InvalidDataException("not a checkpoint of this version");
        }

        byte[] json = reader.ReadBytes(Length(MaxHeaderBytes));
        var tensors = new float[Length(1_000)][];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = new float[Length(Array.MaxLength)];
            for (int start = 0; start < tensors[i].Length; start += BlockBytes)
            {
                stream.ReadExactly(MemoryMarshal.AsBytes(tensors[i].AsSpan(start, Math.Min(BlockBytes, tensors[i].Length - start))));
            }
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
