using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Networks;

/// <summary>Where the mean of the input normalisation comes from.</summary>
[JsonConverter(typeof(InputMeanConverter))]
public sealed record InputMean
{
    private InputMean(string? source, IReadOnlyList<double>? values)
    {
        Source = source;
        Values = values;
    }

    /// <summary>The training set's mean of each channel.</summary>
    public static InputMean Train { get; } = new("train", null);

    /// <summary>No mean is removed.</summary>
    public static InputMean None { get; } = new("none", null);

    /// <summary>"train" or "none"; null where the values are given.</summary>
    public string? Source { get; }

    /// <summary>A value per channel; null where a source is named.</summary>
    public IReadOnlyList<double>? Values { get; }

    public static InputMean Of(IReadOnlyList<double> values) => new(null, values);
}

/// <summary>Reads "train", "none" or an array of numbers.</summary>
public sealed class InputMeanConverter : JsonConverter<InputMean>
{
    public override InputMean Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString() switch
            {
                "train" => InputMean.Train,
                "none" => InputMean.None,
                _ => throw new JsonException("neither \"train\" nor \"none\""),
            };
        }

        return InputMean.Of(JsonSerializer.Deserialize<double[]>(ref reader, options) ?? throw new JsonException("no mean"));
    }

    public override void Write(Utf8JsonWriter writer, InputMean value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Source is not null)
        {
            writer.WriteStringValue(value.Source);
        }
        else
        {
            JsonSerializer.Serialize(writer, value.Values, options);
        }
    }
}
