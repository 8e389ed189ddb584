using System.Globalization;
using System.Text.Json;
using Differential.Core.Numerics;

namespace Differential.Service.Kinds.Sweep;

/// <summary>The varied fields of a sweep's jobs in words that fit into a table: what differs, and no more.</summary>
internal static class SweepLabels
{
    /// <summary>A heading for each field: its last name, or the whole place where two end alike.</summary>
    public static IReadOnlyList<string> Headings(IReadOnlyList<string> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return [.. fields.Select(field => fields.Count(other => Last(other) == Last(field)) == 1 ? Last(field) : field)];
    }

    /// <summary>A label for each value of one field, of the values that it takes in the sweep.</summary>
    /// <param name="values">Of each job.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<JsonElement> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] labels = [.. values.Select(value => Short(value, values))];

        // Where the short ones do not tell two values apart, the values themselves.
        bool tells = values.Select(static (value, i) => (value, i)).All(pair => values.Select(static (value, i) => (value, i)).All(other => labels[pair.i] != labels[other.i] || Raw(pair.value) == Raw(other.value)));
        return tells ? labels : [.. values.Select(Raw)];
    }

    /// <summary>"differential, 0.01": a job by the values of its fields.</summary>
    /// <param name="labels">Of each field.</param>
    public static string Joined(IEnumerable<string> labels) => string.Join(", ", labels);

    private static string Last(string field) => field[(field.LastIndexOf('.') + 1)..];

    private static string Short(JsonElement value, IReadOnlyList<JsonElement> all) => value.ValueKind switch
    {
        JsonValueKind.Object => Object(value, [.. all.SelectMany(Objects)]),
        JsonValueKind.Array => string.Join(" | ", value.EnumerateArray().Select(entry => Short(entry, all))),
        JsonValueKind.Number => Number(value.GetDouble()),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => Raw(value),
    };

    // Its kind, then those of its other fields that are not the same in every object of that kind.
    private static string Object(JsonElement value, IReadOnlyList<JsonElement> all)
    {
        string? kind = Kind(value);
        JsonElement[] alike = [.. all.Where(other => Kind(other) == kind)];
        string[] differing =
        [
            .. value.EnumerateObject().Where(field => field.Name != "kind" && alike.Any(other => !other.TryGetProperty(field.Name, out JsonElement same) || Raw(same) != Raw(field.Value)))
                .Select(field => $"{field.Name} {Short(field.Value, [field.Value])}"),
        ];
        return (kind, differing.Length) switch
        {
            (null, 0) => Raw(value),
            (null, _) => string.Join(", ", differing),
            (_, 0) => kind,
            _ => $"{kind} ({string.Join(", ", differing)})",
        };
    }

    private static IEnumerable<JsonElement> Objects(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => [value],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Objects),
        _ => [],
    };

    private static string? Kind(JsonElement value) => value.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString() : null;

    private static string Number(double value)
    {
        string text = new Fraction(value).ToText();
        return text.Contains('/', StringComparison.Ordinal) ? text : value.ToString("G6", CultureInfo.InvariantCulture);
    }

    private static string Raw(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText().ReplaceLineEndings(" ");
}
