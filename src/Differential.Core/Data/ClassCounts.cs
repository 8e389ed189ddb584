using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>How many training samples some classes keep, by the classes' names, in the order of the file.</summary>
[JsonConverter(typeof(ClassCountsConverter))]
public sealed class ClassCounts : IEquatable<ClassCounts>
{
    /// <param name="items">Each class once, each count at least 1.</param>
    public ClassCounts(IReadOnlyList<KeyValuePair<string, int>> items) => Items = items;

    public IReadOnlyList<KeyValuePair<string, int>> Items { get; }

    public bool Equals(ClassCounts? other) => other is not null && Items.SequenceEqual(other.Items);

    public override bool Equals(object? obj) => Equals(obj as ClassCounts);

    public override int GetHashCode() => Items.Aggregate(Items.Count, HashCode.Combine);
}

/// <summary>Reads and writes an object of names and numbers.</summary>
public sealed class ClassCountsConverter : JsonConverter<ClassCounts>
{
    public override ClassCounts Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? new ClassCounts([.. document.RootElement.EnumerateObject().Select(item => new KeyValuePair<string, int>(item.Name, item.Value.GetInt32()))])
            : throw new JsonException("no object of classes");
    }

    public override void Write(Utf8JsonWriter writer, ClassCounts value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        foreach ((string name, int count) in value.Items)
        {
            writer.WriteNumber(name, count);
        }

        writer.WriteEndObject();
    }
}
