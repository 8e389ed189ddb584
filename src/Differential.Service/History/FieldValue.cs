using System.Globalization;
using System.Text.Json;
using Differential.Core.Numerics;

namespace Differential.Service.History;

/// <summary>A value of a run's field: a number or a text.</summary>
/// <param name="Text">As people read it.</param>
/// <param name="Number">The number; null for texts.</param>
internal readonly record struct FieldValue(string Text, double? Number = null) : IComparable<FieldValue>
{
    public static FieldValue Of(double number) => new(number.ToString("0.######", CultureInfo.InvariantCulture), number);

    public static FieldValue Of(string text) => new(text);

    /// <summary>A value of a job file. A fraction, "8/255" say, is the number that it stands for, and the other way round.</summary>
    public static FieldValue Of(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number)
        {
            double number = json.GetDouble();
            string fraction = new Fraction(number).ToText();
            return new FieldValue(fraction.Contains('/', StringComparison.Ordinal) ? fraction : json.GetRawText(), number);
        }

        return json.ValueKind == JsonValueKind.String ? Read(json.GetString()!) : new FieldValue(json.GetRawText());
    }

    /// <summary>A text that may stand for a number: "0.95", "95%" or "8/255"; anything else, a date say, is a text.</summary>
    public static FieldValue Read(string text)
    {
        if (Parse(text.TrimEnd('%')) is { } number)
        {
            return new FieldValue(text, text.EndsWith('%') ? number / 100 : number);
        }

        string[] parts = text.Split('/');
        return parts.Length == 2 && Parse(parts[0]) is { } above && Parse(parts[1]) is { } below && below != 0 ? new FieldValue(text, above / below) : new FieldValue(text);
    }

    /// <summary>Numbers before texts, each in its order.</summary>
    public int CompareTo(FieldValue other) => (Number, other.Number) switch
    {
        ({ } a, { } b) => a.CompareTo(b),
        ({ }, null) => -1,
        (null, { }) => 1,
        _ => string.Compare(Text, other.Text, StringComparison.OrdinalIgnoreCase),
    };

    private static double? Parse(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
