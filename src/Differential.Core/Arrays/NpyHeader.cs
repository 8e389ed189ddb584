using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Differential.Core.Arrays;

/// <summary>The header of NumPy's array files (NEP 1 and numpy.lib.format, versions 1 to 3): a magic, a version, a length and a dictionary.</summary>
internal static partial class NpyHeader
{
    private const int MaxHeaderBytes = 1 << 16;
    private const string Allowed = "an array of NumPy (.npy) of integers or floats, without objects or fields";

    /// <summary>Reads an array's header; its length must be that of the file.</summary>
    /// <exception cref="InputException">It is no such file, or not one of plain numbers.</exception>
    public static StoredArray Read(ArraySource source)
    {
        try
        {
            using Stream stream = source.Open();
            Span<byte> start = stackalloc byte[12];
            int read = stream.ReadAtLeast(start[..10], 10, throwOnEndOfStream: false);
            if (read < 10 || start[0] != 0x93 || !start[1..].StartsWith("NUMPY"u8) || start[6] is < 1 or > 3)
            {
                throw source.Mistake("byte 0", read == 0 ? "the file is empty" : "no header of NumPy's array files", Allowed);
            }

            int fixedBytes = 10;
            long length = BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
            if (start[6] > 1)
            {
                stream.ReadExactly(start[10..]);
                (fixedBytes, length) = (12, BinaryPrimitives.ReadUInt32LittleEndian(start[8..]));
            }

            if (length > MaxHeaderBytes)
            {
                throw source.Mistake("header", $"a header of {length} bytes", $"at most {MaxHeaderBytes}");
            }

            byte[] text = new byte[length];
            if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
            {
                throw source.Mistake("header", "the file ends within the header", Allowed);
            }

            return Parse(source, Encoding.Latin1.GetString(text), fixedBytes + (int)length);
        }
        catch (EndOfStreamException)
        {
            throw source.Mistake("header", "the file ends within the header", Allowed);
        }
        catch (Exception exception) when (ArraySource.IsOfReading(exception))
        {
            throw source.Unreadable(exception, Allowed);
        }
    }

    private static StoredArray Parse(ArraySource source, string text, int headerBytes)
    {
        Match type = TypeField().Match(text);
        Match order = OrderField().Match(text);
        Match shape = ShapeField().Match(text);
        if (!order.Success || !shape.Success || !type.Success)
        {
            throw source.Mistake("header", "a header without a plain type, an order or a shape", Allowed);
        }

        ElementType element = ElementType.Of(type.Groups[1].Value) ?? throw source.Mistake("header", $"elements of the type {type.Groups[1].Value}", Allowed);
        long[] dimensions = [.. shape.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static number => long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : -1)];
        if (StoredArray.Check(dimensions) is { } found)
        {
            throw source.Mistake("header", found, $"at most {int.MaxValue} samples of 1 to {StoredArray.MaxSample} elements");
        }

        var array = new StoredArray(source, headerBytes, element, [.. dimensions.Select(static dimension => (int)dimension)], order.Groups[1].Value == "True");
        long expected = headerBytes + ((long)array.Count * array.SampleLength * element.Size);
        return source.Length == expected
            ? array
            : throw source.Mistake(
                string.Empty,
                string.Create(CultureInfo.InvariantCulture, $"{source.Length} bytes"),
                string.Create(CultureInfo.InvariantCulture, $"{expected} bytes, for the shape ({string.Join(", ", dimensions)}) in the header"));
    }

    [GeneratedRegex(@"['""]descr['""]\s*:\s*['""]([^'""]{1,16})['""]")]
    private static partial Regex TypeField();

    [GeneratedRegex(@"['""]fortran_order['""]\s*:\s*(True|False)")]
    private static partial Regex OrderField();

    [GeneratedRegex(@"['""]shape['""]\s*:\s*\(([0-9,\sL]*)\)")]
    private static partial Regex ShapeField();
}
