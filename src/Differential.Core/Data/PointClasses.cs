using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>The classes of points: how many, numbered from 0, or a list of labels.</summary>
/// <param name="Count">How many; at least 2.</param>
/// <param name="Names">The labels; null where they are the numbers from 0.</param>
[JsonConverter(typeof(PointClassesConverter))]
public sealed record PointClasses(int Count, IReadOnlyList<ClassName>? Names = null)
{
    public static implicit operator PointClasses(int count) => FromInt32(count);

    public static PointClasses FromInt32(int count) => new(count);
}

/// <summary>Reads a number or a list; writes the same.</summary>
public sealed class PointClassesConverter : JsonConverter<PointClasses>
{
    public override PointClasses Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return new PointClasses(reader.GetInt32());
        }

        IReadOnlyList<ClassName> names = JsonSerializer.Deserialize<IReadOnlyList<ClassName>>(ref reader, options) ?? throw new JsonException("no classes");
        return new PointClasses(names.Count, names);
    }

    public override void Write(Utf8JsonWriter writer, PointClasses value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Names is null)
        {
            writer.WriteNumberValue(value.Count);
        }
        else
        {
            JsonSerializer.Serialize(writer, value.Names, options);
        }
    }
}
