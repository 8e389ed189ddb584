using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core.Numerics;

namespace Differential.Service.Reporting;

/// <summary>The values of a line of <c>metrics.jsonl</c> as people read them: "train accuracy 97.8 %", "images per second 12,706", "epsilon 4/255".</summary>
internal static class MetricText
{
    private static readonly string[] Shares = ["trainAccuracy", "testAccuracy", "validationAccuracy", "flipRate"];

    /// <summary>Each value with its name in words; those that the line does not have, and its time, are left out.</summary>
    public static IEnumerable<string> Of(JsonObject line) => line
        .Where(static field => field.Key != "time" && field.Value is not null)
        .Select(static field => $"{Words(field.Key)} {Value(field.Key, field.Value!)}");

    private static string Value(string name, JsonNode value)
    {
        if (value.GetValueKind() != JsonValueKind.Number)
        {
            return value.ToString();
        }

        double number = value.GetValue<double>();
        return Shares.Contains(name) ? Numbers.Share(number)
            : name == "epsilon" ? new Fraction(number).ToText()
            : double.IsInteger(number) && Math.Abs(number) < 1e15 ? Numbers.Count((long)number)
            : Numbers.Figure(number);
    }

    private static string Words(string name) => string.Concat(name.Select(static c => char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));
}
