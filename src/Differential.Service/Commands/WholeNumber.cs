using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Differential.Service.Commands;

/// <summary>Options that take a whole number, and say between which bounds.</summary>
internal static class WholeNumber
{
    /// <param name="name">The option's.</param>
    /// <param name="description">What it does.</param>
    /// <param name="low">The smallest number.</param>
    /// <param name="high">The largest.</param>
    public static Option<T?> Between<T>(string name, string description, T low, T high)
        where T : struct, IBinaryInteger<T>
    {
        string bounds = string.Create(CultureInfo.InvariantCulture, $"{low} to {high}");
        return Create<T>(name, description, $"a whole number from {bounds}", number => number < low || number > high ? bounds : null);
    }

    /// <summary>An option of any whole number: what is allowed only the data tell.</summary>
    public static Option<T?> Any<T>(string name, string description)
        where T : struct, IBinaryInteger<T> => Create<T>(name, description, "a whole number", static _ => null);

    private static Option<T?> Create<T>(string name, string description, string allowed, Func<T, string?> outside)
        where T : struct, IBinaryInteger<T>
    {
        Option<T?> option = new(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count != 1)
            {
                return;
            }

            string text = result.Tokens[0].Value;
            if (!T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T number))
            {
                result.AddError($"'{text}'; allowed: {allowed}");
            }
            else if (outside(number) is { } bounds)
            {
                result.AddError($"the number {text}; allowed: {bounds}");
            }
        });
        return option;
    }
}
