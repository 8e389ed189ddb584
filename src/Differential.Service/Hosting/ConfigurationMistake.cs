using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.RegularExpressions;
using Differential.Core;

namespace Differential.Service.Hosting;

/// <summary>The framework's words on a wrong configuration as an <see cref="InputException"/>.</summary>
internal static partial class ConfigurationMistake
{
    private const string Reference = "what docs/configuration.md lists";

    /// <summary>A value that could not be converted to its option's type.</summary>
    public static InputException OfBinding(InvalidOperationException exception)
    {
        Match match = Conversion().Match(exception.Message);
        return match.Success
            ? new InputException("configuration", match.Groups["place"].Value, $"the value '{match.Groups["value"].Value}'", KindOf(match.Groups["type"].Value))
            : new InputException("configuration", "value", exception.Message.TrimEnd('.').ReplaceLineEndings(" "), Reference);
    }

    /// <summary>A value out of its range.</summary>
    public static InputException OfCheck(object options, string section, ValidationResult mistake)
    {
        string name = mistake.MemberNames.FirstOrDefault() ?? string.Empty;
        PropertyInfo? property = options.GetType().GetProperty(name);
        string allowed = property?.GetCustomAttribute<RangeAttribute>() is { } range
            ? FormattableString.Invariant($"{range.Minimum} to {range.Maximum}")
            : property?.GetCustomAttribute<MinLengthAttribute>() is { } shortest && property.GetCustomAttribute<MaxLengthAttribute>() is { } longest
                ? $"{shortest.Length} to {longest.Length} characters"
                : property?.GetCustomAttribute<RegularExpressionAttribute>()?.ErrorMessage ?? Reference;

        // A text may be a secret: its length tells enough.
        string found = property?.GetValue(options) switch
        {
            null => "no value",
            string text => $"a text of {text.Length} characters",
            object value => FormattableString.Invariant($"the value '{value}'"),
        };
        return new InputException("configuration", section + name, found, allowed);
    }

    private static string KindOf(string type) => type switch
    {
        "System.TimeSpan" => "a time span, as 00:00:30",
        "System.Int32" or "System.Int64" => "a whole number",
        "System.Double" or "System.Single" => "a number",
        "System.Boolean" => "true, false",
        _ when type.EndsWith("." + nameof(LogFormat), StringComparison.Ordinal) => "text, json",
        _ when type.Contains("TimeSpan", StringComparison.Ordinal) => "a time span, as 00:00:30",
        _ => Reference,
    };

    [GeneratedRegex("'(?<value>[^']*)' at '(?<place>[^']*)' to type '(?<type>[^']*)'")]
    private static partial Regex Conversion();
}
