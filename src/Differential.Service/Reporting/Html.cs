using System.Globalization;
using System.Net;
using System.Text;

namespace Differential.Service.Reporting;

/// <summary>Text and numbers as HTML and SVG write them: encoded, in the invariant culture.</summary>
internal static class Html
{
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A coordinate with two decimals.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A figure with up to four significant digits, for people.</summary>
    public static string Figure(double value)
    {
        if (!double.IsFinite(value))
        {
            return "–";
        }

        double size = Math.Abs(value);
        return size switch
        {
            0 => "0",
            < 1e-3 or >= 1e6 => value.ToString("0.##e0", CultureInfo.InvariantCulture),
            < 1 => value.ToString("0.####", CultureInfo.InvariantCulture),
            < 100 => value.ToString("0.##", CultureInfo.InvariantCulture),
            _ => value.ToString("#,0.#", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>A share in [0, 1] as a percentage with one decimal.</summary>
    public static string Percent(double share) => double.IsFinite(share) ? (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "–";

    public static StringBuilder Line(this StringBuilder html, string text) => html.Append(text).Append('\n');
}
