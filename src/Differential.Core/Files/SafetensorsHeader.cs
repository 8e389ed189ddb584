using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Differential.Kernels.Devices;

namespace Differential.Core.Files;

/// <summary>
/// Reads the header of a safetensors file that nobody vouches for: an object of tensors (dtype, shape, data_offsets) and
/// <c>__metadata__</c> (strings by name). The tensors tile the data without a gap and without an overlap, as the format demands.
/// </summary>
internal sealed class SafetensorsHeader
{
    internal const string MetadataName = "__metadata__";

    /// <summary>Longest header that is read, in bytes (the reference implementation's bound is 100 MB).</summary>
    internal const int MaxBytes = 16 << 20;

    private const int MaxRank = 8;
    private const int MaxDepth = 8;

    private readonly string _file;
    private readonly long _dataLength;
    private readonly List<SafetensorsEntry> _entries = [];
    private readonly Dictionary<string, string> _metadata = [];

    private SafetensorsHeader(string file, long dataLength)
    {
        _file = file;
        _dataLength = dataLength;
    }

    /// <summary>The tensors in the order of their data.</summary>
    internal IReadOnlyList<SafetensorsEntry> Entries => _entries;

    internal IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <param name="file">Name of the file, for messages.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes of the file after the header.</param>
    /// <exception cref="InputException">The header is not of the format.</exception>
    internal static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> json, long dataLength)
    {
        SafetensorsHeader header = new(file, dataLength);
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw header.Error("header", "it does not start with '{'", "a JSON object");
        }

        if (!Utf8.IsValid(json))
        {
            throw header.Error("header", "bytes that are not UTF-8", "UTF-8 text");
        }

        try
        {
            Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            header.ReadObject(ref reader);
        }
        catch (JsonException e)
        {
            string place = $"header byte {(e.LineNumber == 0 ? e.BytePositionInLine : null)?.ToString(CultureInfo.InvariantCulture) ?? "?"}";
            throw header.Error(place, "broken JSON", $"a JSON object, nested at most {MaxDepth} deep");
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader.GetString on half of a surrogate pair.
            throw header.Error("header", "a string that is not Unicode text", "UTF-8 text");
        }

        header.CheckTiling();
        return header;
    }

    private void ReadObject(ref Utf8JsonReader reader)
    {
        HashSet<string> names = [];
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!names.Add(name))
            {
                throw Error(name == MetadataName ? name : Place(name), "a second entry of that name", "each name once");
            }

            reader.Read();
            if (name == MetadataName)
            {
                ReadMetadata(ref reader);
            }
            else
            {
                _entries.Add(ReadEntry(ref reader, name));
            }
        }

        // What follows the object may only be space; anything else is a JsonException.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Error(MetadataName, $"a {Kind(reader.TokenType)}", "an object of strings");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Error($"{MetadataName}.{Short(key)}", $"a {Kind(reader.TokenType)}", "a string");
            }

            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                throw Error($"{MetadataName}.{Short(key)}", "a second entry of that name", "each name once");
            }
        }
    }

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Error(Place(name), $"a {Kind(reader.TokenType)}", "an object of dtype, shape and data_offsets");
        }

        SafetensorsType? type = null;
        List<long>? extents = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            reader.Read();
            switch (field)
            {
                case "dtype" when type is null:
                    type = ReadType(ref reader, name);
                    break;
                case "shape" when extents is null:
                    extents = ReadNumbers(ref reader, name, field, MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name, field, 2);
                    break;
                default:
                    throw Error(Place(name), $"the field \"{Short(field)}\" that is unknown or there twice", "dtype, shape and data_offsets, each once");
            }
        }

        if (type is null || extents is null || offsets is not { Count: 2 })
        {
            throw Error(Place(name), "a field is missing", "dtype, shape and two data_offsets");
        }

        SafetensorsEntry entry = new(name, type.Value, ShapeOf(name, extents)) { Begin = offsets[0] };
        if (offsets[1] > _dataLength || offsets[0] > offsets[1])
        {
            throw Error(Place(name), $"data_offsets [{offsets[0]}, {offsets[1]}]", $"offsets within the {_dataLength} bytes of data");
        }

        return offsets[1] - offsets[0] == entry.Size
            ? entry
            : throw Error(Place(name), $"data_offsets of {offsets[1] - offsets[0]} bytes", $"{entry.Size} bytes, as shape {entry.Shape} and dtype {entry.Type} need");
    }

    private SafetensorsType ReadType(ref Utf8JsonReader reader, string name)
    {
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return text switch
        {
            "F32" => SafetensorsType.F32,
            "I64" => SafetensorsType.I64,
            "U8" => SafetensorsType.U8,
            _ => throw Error(Place(name), text is null ? $"a {Kind(reader.TokenType)} as dtype" : $"dtype {Short(text)}", "F32, I64 or U8"),
        };
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, string field, int most)
    {
        string allowed = $"at most {most} whole numbers from 0 up";
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Error(Place(name), $"a {Kind(reader.TokenType)} as {field}", allowed);
        }

        List<long> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (numbers.Count == most || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw Error(Place(name), $"{field} with {(numbers.Count == most ? "too many numbers" : "something else than a whole number from 0 up")}", allowed);
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private Shape ShapeOf(string name, List<long> extents)
    {
        long length = 1;
        foreach (long extent in extents)
        {
            // Both factors are below 2³¹, so that the product does not overflow.
            if (extent is < 1 or > int.MaxValue || (length *= extent) > int.MaxValue)
            {
                throw Error(Place(name), $"shape [{string.Join(", ", extents)}]", "extents from 1 up, at most 2147483647 elements");
            }
        }

        return new Shape([.. extents.Select(extent => (int)extent)]);
    }

    private void CheckTiling()
    {
        _entries.Sort((a, b) => a.Begin.CompareTo(b.Begin));
        long end = 0;
        foreach (SafetensorsEntry entry in _entries)
        {
            if (entry.Begin != end)
            {
                throw Error(Place(entry.Name), entry.Begin < end ? "data that overlaps another tensor's" : $"a gap of {entry.Begin - end} bytes before its data", $"data that begins at {end}");
            }

            end += entry.Size;
        }

        if (end != _dataLength)
        {
            throw Error("data", $"{_dataLength} bytes", $"the {end} bytes of the tensors");
        }
    }

    internal InputException Error(string place, string found, string allowed) => new(_file, place, found, allowed);

    internal static string Place(string name) => $"tensor \"{Short(name)}\"";

    /// <summary>A text of the file as a message shows it: at most 80 characters, no control characters.</summary>
    private static string Short(string text)
    {
        string shown = text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 80), "…");
        return string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c));
    }

    private static string Kind(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "object",
        JsonTokenType.StartArray => "array",
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.Null => "null",
        _ => "boolean",
    };
}
