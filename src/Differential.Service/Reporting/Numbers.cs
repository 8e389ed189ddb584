using System.Globalization;
using Differential.Core.Numerics;

namespace Differential.Service.Reporting;

/// <summary>
/// How numbers are written for people, in terminals, logs and reports alike: shares as percentages with one decimal, other figures with up to four significant
/// digits and no fraction from a thousand on, budgets as the job wrote them, in the invariant culture. The page's figure() in charts.js does the same.
/// </summary>
internal static class Numbers
{
    /// <summary>Where there is no number.</summary>
    public const string Missing = "–";

    /// <summary>A share in [0, 1]: "97.8 %".</summary>
    public static string Share(double? share) => share is double value && double.IsFinite(value) ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %" : Missing;

    /// <summary>An interval of shares: "96.1–98.9 %".</summary>
    public static string Shares(Interval? interval) => interval is { } ends && double.IsFinite(ends.Low) && double.IsFinite(ends.High)
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * ends.Low:0.0}–{100 * ends.High:0.0} %")
        : Missing;

    /// <summary>A difference of shares in percentage points: "+3.2".</summary>
    public static string Points(double? difference) => difference is double value && double.IsFinite(value) ? (100 * value).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture) : Missing;

    /// <summary>An interval of differences in percentage points: "−1.0 to +5.4".</summary>
    public static string Points(Interval? interval) => interval is { } ends && double.IsFinite(ends.Low) && double.IsFinite(ends.High) ? $"{Points(ends.Low)} to {Points(ends.High)}" : Missing;

    /// <summary>A figure with up to four significant digits.</summary>
    public static string Figure(double? figure)
    {
        if (figure is not double value || !double.IsFinite(value))
        {
            return Missing;
        }

        return Math.Abs(value) switch
        {
            0 => "0",
            < 1e-3 or >= 1e6 => value.ToString("0.##e0", CultureInfo.InvariantCulture),
            < 1 => value.ToString("0.####", CultureInfo.InvariantCulture),
            < 100 => value.ToString("0.##", CultureInfo.InvariantCulture),
            < 1000 => value.ToString("0.#", CultureInfo.InvariantCulture),
            _ => value.ToString("#,0", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Whether a text is a number as tables write it, with a unit, a fraction, an interval or a spread: it then stands on the right.</summary>
    public static bool IsNumber(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text is Missing or "-" or "none" || (text.Any(char.IsAsciiDigit) && text.All(static character => char.IsAsciiDigit(character) || ".,+-−–±%/ e".Contains(character, StringComparison.Ordinal))) || text == "∞";
    }

    /// <summary>The first number of a text that is one; null for others.</summary>
    public static double? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string first = text.Split(' ', '–', '±')[0].Replace(",", string.Empty, StringComparison.Ordinal);
        return text == "∞" ? double.PositiveInfinity : IsNumber(text) ? Fraction.Parse(first)?.Value : null;
    }

    /// <summary>A whole number.</summary>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>An attack's budget: "4/255" or "0.5".</summary>
    public static string Budget(double? epsilon) => epsilon is double value ? new Fraction(value).ToText() : Missing;
}
