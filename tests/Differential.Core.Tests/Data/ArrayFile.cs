using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Differential.Core.Tests.Data;

/// <summary>Files of arrays, as NumPy and MNIST write them.</summary>
internal static class ArrayFile
{
    /// <param name="description">Of the elements, e.g. <c>&lt;f4</c>.</param>
    /// <param name="shape">The dimensions.</param>
    /// <param name="values">In C's order.</param>
    /// <param name="fortran">Whether they are stored in Fortran's.</param>
    /// <param name="version">Of the format, 1 to 3.</param>
    public static byte[] Npy(string description, int[] shape, IReadOnlyList<double> values, bool fortran = false, byte version = 1)
    {
        string dictionary = $"{{'descr': '{description}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({string.Join(", ", shape)}{(shape.Length == 1 ? "," : string.Empty)}), }}";
        int head = version == 1 ? 10 : 12;
        string text = dictionary.PadRight(((head + dictionary.Length + 64) / 64 * 64) - head - 1) + "\n";
        List<byte> bytes = [0x93, .. "NUMPY"u8, version, 0, (byte)text.Length, (byte)(text.Length >> 8), .. version == 1 ? (byte[])[] : [0, 0], .. Encoding.Latin1.GetBytes(text)];
        foreach (double value in fortran ? Fortran(shape, values) : values)
        {
            bytes.AddRange(Element(description, value));
        }

        return [.. bytes];
    }

    public static byte[] Npz(bool deflated, params (string Name, byte[] Array)[] arrays)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] array) in arrays)
            {
                using Stream entry = archive.CreateEntry(name + ".npy", deflated ? CompressionLevel.Optimal : CompressionLevel.NoCompression).Open();
                entry.Write(array);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Idx(int[] shape, byte[] values) =>
        [0, 0, 8, (byte)shape.Length, .. shape.SelectMany(static size => (byte[])[(byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size]), .. values];

    public static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }

    private static byte[] Element(string description, double value)
    {
        byte[] bytes = description[1..] switch
        {
            "u1" or "b1" => [(byte)value],
            "i1" => [(byte)(sbyte)value],
            "u2" => BitConverter.GetBytes((ushort)value),
            "i2" => BitConverter.GetBytes((short)value),
            "i4" => BitConverter.GetBytes((int)value),
            "u4" => BitConverter.GetBytes((uint)value),
            "i8" => BitConverter.GetBytes((long)value),
            "u8" => BitConverter.GetBytes((ulong)value),
            "f2" => BitConverter.GetBytes((Half)value),
            "f4" => BitConverter.GetBytes((float)value),
            "f8" => BitConverter.GetBytes(value),
            _ => throw new ArgumentException(description.ToString(CultureInfo.InvariantCulture), nameof(description)),
        };
        return description[0] == '>' ? [.. bytes.Reverse()] : bytes;
    }

    private static IEnumerable<double> Fortran(int[] shape, IReadOnlyList<double> values)
    {
        for (int stored = 0; stored < values.Count; stored++)
        {
            int rest = stored;
            int place = 0;
            int stride = values.Count;
            foreach (int size in shape)
            {
                stride /= size;
                place += rest % size * stride;
                rest /= size;
            }

            yield return values[place];
        }
    }
}
