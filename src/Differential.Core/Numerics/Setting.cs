using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Numerics;

/// <summary>A number that a job file may also write as a list, of which one is to be selected: 8 or [2, 4, 8].</summary>
[JsonConverter(typeof(SettingConverter))]
public readonly struct Setting : IEquatable<Setting>
{
    private readonly double[]? _choices;

    /// <param name="value">The number.</param>
    public Setting(double value) => Value = value;

    /// <param name="choices">At least one.</param>
    public Setting(IReadOnlyList<double> choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentOutOfRangeException.ThrowIfZero(choices.Count, nameof(choices));
        Value = choices[0];
        _choices = choices.Count > 1 ? [.. choices] : null;
    }

    /// <summary>The number; of several the first.</summary>
    public double Value { get; }

    /// <summary>What it may be: one number, or those to select from.</summary>
    public IReadOnlyList<double> Choices => _choices ?? [Value];

    /// <summary>Whether it is one number.</summary>
    public bool IsSingle => _choices is null;

    public static implicit operator double(Setting setting) => setting.Value;

    public static implicit operator Setting(double value) => new(value);

    public static bool operator ==(Setting left, Setting right) => left.Equals(right);

    public static bool operator !=(Setting left, Setting right) => !left.Equals(right);

    public static Setting FromDouble(double value) => new(value);

    public double ToDouble() => Value;

    public bool Equals(Setting other) => Choices.SequenceEqual(other.Choices);

    public override bool Equals(object? obj) => obj is Setting other && Equals(other);

    public override int GetHashCode() => Value.GetHashCode();

    public override string ToString() => string.Join('/', Choices.Select(static choice => choice.ToString("R", CultureInfo.InvariantCulture)));
}

/// <summary>Reads a number or a list of numbers; writes a number where there is one.</summary>
public sealed class SettingConverter : JsonConverter<Setting>
{
    public override Setting Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => new Setting(reader.GetDouble()),
        JsonTokenType.StartArray when JsonSerializer.Deserialize<double[]>(ref reader, options) is { Length: > 0 } choices => new Setting(choices),
        _ => throw new JsonException("neither a number nor a list of numbers"),
    };

    public override void Write(Utf8JsonWriter writer, Setting value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (value.IsSingle)
        {
            writer.WriteNumberValue(value.Value);
        }
        else
        {
            JsonSerializer.Serialize(writer, value.Choices, options);
        }
    }
}
