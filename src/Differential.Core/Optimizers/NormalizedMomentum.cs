using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Optimizers;

/// <summary>A momentum of the normalised gradient: a number in [0, 1), or Nesterov's t/(t + 1).</summary>
[JsonConverter(typeof(NormalizedMomentumConverter))]
public readonly record struct NormalizedMomentum(double Value, bool IsNesterov)
{
    public static NormalizedMomentum Nesterov => new(0, true);
}

/// <summary>Reads a number or "nesterov".</summary>
public sealed class NormalizedMomentumConverter : JsonConverter<NormalizedMomentum>
{
    public override NormalizedMomentum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => new NormalizedMomentum(reader.GetDouble(), false),
        JsonTokenType.String when reader.GetString() == "nesterov" => NormalizedMomentum.Nesterov,
        _ => throw new JsonException("neither a number nor \"nesterov\""),
    };

    public override void Write(Utf8JsonWriter writer, NormalizedMomentum value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (value.IsNesterov)
        {
            writer.WriteStringValue("nesterov");
        }
        else
        {
            writer.WriteNumberValue(value.Value);
        }
    }
}
