using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>A class in a list of classes, by name or by number.</summary>
/// <param name="Text">The name, or the number in digits.</param>
[JsonConverter(typeof(ListedClassConverter))]
public sealed record ClassName(string Text);

/// <summary>Reads a text or a number; writes a text.</summary>
public sealed class ListedClassConverter : JsonConverter<ClassName>
{
    public override ClassName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => new ClassName(reader.GetString()!),
        JsonTokenType.Number => new ClassName(reader.GetDouble().ToString("R", CultureInfo.InvariantCulture)),
        _ => throw new JsonException("not a class"),
    };

    public override void Write(Utf8JsonWriter writer, ClassName value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStringValue(value.Text);
    }
}
