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

    /// <summary>A place in a drawing of 1000 by 1000, with one decimal.</summary>
    public static string Coordinate(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>A figure with up to four significant digits, for people.</summary>
    public static string Figure(double value) => Numbers.Figure(value);

    /// <summary>A share in [0, 1] as a percentage with one decimal.</summary>
    public static string Percent(double share) => Numbers.Share(share);

    public static StringBuilder Line(this StringBuilder html, string text) => html.Append(text).Append('\n');
}
