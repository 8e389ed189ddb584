using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Service.Jobs;

/// <summary>Which of the splits "train" and "test" are attacked, in which order.</summary>
[JsonConverter(typeof(SplitSelectionConverter))]
public sealed class SplitSelection : IEquatable<SplitSelection>
{
    /// <param name="names">"train" or "test", each at most once.</param>
    public SplitSelection(IReadOnlyList<string> names) => Names = names;

    /// <summary>The names that job files use.</summary>
    public static IReadOnlyList<string> Allowed { get; } = ["train", "test"];

    public static SplitSelection Test { get; } = new(["test"]);

    public static SplitSelection Both { get; } = new(["train", "test"]);

    public IReadOnlyList<string> Names { get; }

    public bool Equals(SplitSelection? other) => other is not null && Names.SequenceEqual(other.Names);

    public override bool Equals(object? obj) => Equals(obj as SplitSelection);

    public override int GetHashCode() => string.Join(',', Names).GetHashCode(StringComparison.Ordinal);
}

/// <summary>Reads a name or a list of names; writes a name where there is one.</summary>
public sealed class SplitSelectionConverter : JsonConverter<SplitSelection>
{
    public override SplitSelection Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? new SplitSelection([reader.GetString()!])
            : new SplitSelection(JsonSerializer.Deserialize<string[]>(ref reader, options) ?? throw new JsonException("no split"));

    public override void Write(Utf8JsonWriter writer, SplitSelection value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Names.Count == 1)
        {
            writer.WriteStringValue(value.Names[0]);
        }
        else
        {
            JsonSerializer.Serialize(writer, value.Names, options);
        }
    }
}
