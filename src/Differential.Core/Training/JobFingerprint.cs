using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Differential.Core.Data;
using Differential.Core.Networks;

namespace Differential.Core.Training;

/// <summary>
/// A hash of everything that decides a training's result but the device: the options with the seed, the architecture, the
/// normalisation and both data sets. A checkpoint goes on only under the same one.
/// </summary>
internal static class JobFingerprint
{
    /// <summary>64 hexadecimal digits.</summary>
    public static string Of(Network network, DataSplits splits, TrainingOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(options));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(network.Architecture.Options));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(network.Architecture.Input.Dimensions.ToArray()));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(network.Normalization));
        Append(hash, splits.Train);
        Append(hash, splits.Test);
        if (splits.Validation is not null)
        {
            Append(hash, splits.Validation);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, Dataset data)
    {
        Span<byte> count = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(count, data.Count);
        hash.AppendData(count);
        hash.AppendData(MemoryMarshal.AsBytes(data.Labels.ToArray().AsSpan()));
        if (data.IsImages)
        {
            data.ForEachPixels(hash.AppendData);
        }
        else
        {
            hash.AppendData(MemoryMarshal.AsBytes(data.Features.AsSpan()));
        }
    }
}
