using System.Text.Json;

namespace Differential.Service.Jobs.Rules;

/// <summary>What is wrong with a value.</summary>
/// <param name="Place">Where within the value, e.g. <c>[2]</c>; empty for the value itself.</param>
/// <param name="Found">What was found.</param>
/// <param name="Allowed">What is allowed.</param>
internal sealed record Mistake(string Place, string Found, string Allowed)
{
    private const int ShownCharacters = 60;

    /// <summary>A value of the wrong kind or outside its bounds.</summary>
    public static Mistake Of(JsonElement value, string allowed) => new(string.Empty, Show(value), allowed);

    /// <summary>A short text for a value.</summary>
    public static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => $"the text \"{Shorten(value.GetString()!)}\"",
        JsonValueKind.Number => $"the number {Shorten(value.GetRawText())}",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "an empty list" : "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    /// <summary>The place of a field whose name is the user's own.</summary>
    public static string PlaceOf(string name) => $"[\"{Name(name)}\"]";

    /// <summary>A field's name as messages show it.</summary>
    public static string Name(string name) => new([.. Shorten(name).Select(static c => char.IsControl(c) ? '?' : c)]);

    public static string Shorten(string text) => text.Length <= ShownCharacters ? text : string.Concat(text.AsSpan(0, ShownCharacters), "…");
}
