using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Differential.Service.Jobs.Rules;

/// <summary>true or false.</summary>
internal sealed class BooleanRule : WholeValueRule
{
    public override string Allowed(MemberLimits limits) => "true or false";

    public override Mistake? Find(JsonElement value, MemberLimits limits) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : Wrong(value, limits);
}

/// <summary>A text without control characters, not empty.</summary>
internal sealed class TextRule : WholeValueRule
{
    private const int MaxCharacters = 4_096;

    public override string Allowed(MemberLimits limits) => limits.Pattern is not null
        ? limits.PatternText ?? $"a text of the form {limits.Pattern}"
        : $"a text of {Math.Max(1, limits.MinLength)} to {Math.Min(limits.MaxLength, MaxCharacters)} characters, none of them a control character";

    public override Mistake? Find(JsonElement value, MemberLimits limits)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return Wrong(value, limits);
        }

        string text = value.GetString()!;
        if (text.Any(char.IsControl))
        {
            return new Mistake(string.Empty, "a text with a control character", Allowed(limits));
        }

        bool form = limits.Pattern is null
            || Regex.IsMatch(text, $"^(?:{limits.Pattern})\\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        bool length = text.Length >= Math.Max(1, limits.MinLength) && text.Length <= Math.Min(limits.MaxLength, MaxCharacters);
        return form && length ? null : Wrong(value, limits);
    }

    public override JsonObject? Schema(MemberLimits limits) => limits.Pattern is null
        ? new JsonObject { ["type"] = "string", ["minLength"] = Math.Max(1, limits.MinLength), ["maxLength"] = Math.Min(limits.MaxLength, MaxCharacters) }
        : new JsonObject { ["type"] = "string", ["pattern"] = $"^({limits.Pattern})$" };
}

/// <summary>An integer that fits its type, written in digits.</summary>
internal sealed class WholeNumberRule(long low, long high) : WholeValueRule
{
    public override string Allowed(MemberLimits limits) => limits.HasLow || limits.HasHigh
        ? limits.Describe("a whole number")
        : $"a whole number from {low.ToString(CultureInfo.InvariantCulture)} to {high.ToString(CultureInfo.InvariantCulture)}";

    public override Mistake? Find(JsonElement value, MemberLimits limits) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= low && number <= high && limits.Contains(number)
            ? null
            : Finite(value) is double other && double.IsInteger(other) && limits.Contains(other) && value.GetRawText().AsSpan().IndexOfAny(".eE") >= 0
            ? Wrong(value, limits) with { Allowed = Allowed(limits) + ", in digits alone" }
            : Wrong(value, limits);

    public override JsonObject? Schema(MemberLimits limits) => NumberSchema("integer", limits);
}

/// <summary>A finite number.</summary>
internal sealed class NumberRule : WholeValueRule
{
    public override string Allowed(MemberLimits limits) => limits.Describe("a number");

    public override Mistake? Find(JsonElement value, MemberLimits limits) =>
        Finite(value) is double number && limits.Contains(number) ? null : Wrong(value, limits);

    public override JsonObject? Schema(MemberLimits limits) => NumberSchema("number", limits);
}

/// <summary>One of an enum's names, as the serialiser writes them.</summary>
internal sealed class EnumRule : WholeValueRule
{
    private readonly string[] _names;

    public EnumRule(Type type) => _names = [.. Enum.GetValues(type).Cast<object>().Select(NameOf)];

    public override string Allowed(MemberLimits limits) => string.Join(", ", Names(limits));

    public override Mistake? Find(JsonElement value, MemberLimits limits)
    {
        string[] names = Names(limits);
        if (value.ValueKind == JsonValueKind.String && names.Contains(value.GetString(), StringComparer.Ordinal))
        {
            return null;
        }

        Mistake mistake = Wrong(value, limits);
        return value.ValueKind == JsonValueKind.String
            ? mistake with { Found = mistake.Found + Suggestion.For(value.GetString()!, names) }
            : mistake;
    }

    public override JsonObject? Schema(MemberLimits limits) =>
        limits.Values is null ? null : new JsonObject { ["enum"] = new JsonArray([.. Names(limits).Select(name => (JsonNode)name)]) };

    private string[] Names(MemberLimits limits) =>
        limits.Values is null ? _names : [.. limits.Values.Select(value => NameOf(value!))];

    private static string NameOf(object value) => JsonSerializer.SerializeToElement(value, value.GetType(), JobJson.Line).GetString()!;
}
