using System.Buffers.Binary;

namespace Differential.Core.Images;

/// <summary>The checksum of PNG's chunks (ISO 3309, polynomial 0x04C11DB7, reflected), four bytes a step.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[][] Tables = Make();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
        {
            crc ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            crc = Tables[3][crc & 0xFF] ^ Tables[2][(crc >> 8) & 0xFF] ^ Tables[1][(crc >> 16) & 0xFF] ^ Tables[0][crc >> 24];
        }

        foreach (byte b in bytes)
        {
            crc = Tables[0][(crc ^ b) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[][] Make()
    {
        uint[][] tables = [.. Enumerable.Range(0, sizeof(uint)).Select(static _ => new uint[256])];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) == 0 ? value >> 1 : Polynomial ^ (value >> 1);
            }

            tables[0][i] = value;
        }

        for (int i = 0; i < 256; i++)
        {
            for (int table = 1; table < tables.Length; table++)
            {
                tables[table][i] = tables[0][tables[table - 1][i] & 0xFF] ^ (tables[table - 1][i] >> 8);
            }
        }

        return tables;
    }
}
