using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Numerics;

/// <summary>A number that a job file may also write as a fraction: 0.5 or "8/255".</summary>
[JsonConverter(typeof(FractionConverter))]
public readonly record struct Fraction(double Value)
{
    private const int PixelSteps = 255;

    public static implicit operator double(Fraction fraction) => fraction.Value;

    public static implicit operator Fraction(double value) => new(value);

    /// <summary>Reads "8/255" or "0.5"; null where it is neither.</summary>
    public static Fraction? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        if (parts.Length > 2 || !Number(parts[0], out double value))
        {
            return null;
        }

        if (parts.Length == 2)
        {
            // "-1/-2" is more likely a slip than a half.
            if (!Number(parts[1], out double divisor) || !(divisor > 0))
            {
                return null;
            }

            value /= divisor;
        }

        return double.IsFinite(value) ? new Fraction(value) : null;

        static bool Number(string part, out double value) =>
            double.TryParse(part.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    public static Fraction FromDouble(double value) => new(value);

    public double ToDouble() => Value;

    /// <summary>
    /// The number for people: a whole number of 255ths that four decimals cannot hold as "8/255", others with up to four
    /// significant digits.
    /// </summary>
    public string ToText()
    {
        double steps = Math.Round(Value * PixelSteps);
        bool isPixelStep = steps is >= 1 and < PixelSteps && Math.Abs((steps / PixelSteps) - Value) <= 1e-9 && Math.Round(Value, 4) != Value;
        return isPixelStep ? string.Create(CultureInfo.InvariantCulture, $"{steps}/{PixelSteps}") : Value.ToString("G4", CultureInfo.InvariantCulture);
    }

    public override string ToString() => Value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Reads numbers and "a/b"; writes numbers.</summary>
public sealed class FractionConverter : JsonConverter<Fraction>
{
    public override Fraction Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => new Fraction(reader.GetDouble()),
        JsonTokenType.String => Fraction.Parse(reader.GetString()!) ?? throw new JsonException("not a fraction"),
        _ => throw new JsonException("not a number"),
    };

    public override void Write(Utf8JsonWriter writer, Fraction value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(value.Value);
    }
}
