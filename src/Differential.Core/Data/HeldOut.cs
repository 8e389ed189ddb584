using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>Held-out samples: a share of the training samples, or those of a path. One of the two is given.</summary>
[JsonConverter(typeof(HeldOutConverter))]
public sealed record HeldOut
{
    /// <param name="share">Above 0 and below 1, of each class.</param>
    public HeldOut(double share) => Share = share;

    /// <param name="path">Read as the training samples are.</param>
    public HeldOut(string path) => Path = path;

    /// <summary>Null where a path is given.</summary>
    public double? Share { get; }

    /// <summary>Null where a share is given.</summary>
    public string? Path { get; }
}

/// <summary>Reads a number or a path.</summary>
public sealed class HeldOutConverter : JsonConverter<HeldOut>
{
    public override HeldOut Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => new HeldOut(reader.GetDouble()),
        JsonTokenType.String => new HeldOut(reader.GetString()!),
        _ => throw new JsonException("neither a share nor a path"),
    };

    public override void Write(Utf8JsonWriter writer, HeldOut value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Share is double share)
        {
            writer.WriteNumberValue(share);
        }
        else
        {
            writer.WriteStringValue(value.Path);
        }
    }
}
