using System.Text;

namespace Differential.Service.Reporting;

/// <summary>
/// The frame that charts share: a card with a title, a legend, axes with a grid. The drawing fills whatever width the page has; labels are text
/// of the page beside it, so that they can be read at any width.
/// </summary>
internal sealed class Plot(Axis x, Axis y)
{
    private const double Extent = 1000;

    public Axis XAxis => x;

    public Axis YAxis => y;

    /// <summary>A value's place in the drawing.</summary>
    public double X(double value) => Math.Clamp(x.Position(value), 0, 1) * Extent;

    /// <summary>A value's place in the drawing, from above.</summary>
    public double Y(double value) => (1 - Math.Clamp(y.Position(value), 0, 1)) * Extent;

    /// <summary>x and y of a point as paths write them.</summary>
    public string At(double px, double py) => $"{Html.Coordinate(X(px))} {Html.Coordinate(Y(py))}";

    /// <summary>Up to the drawing's first element.</summary>
    /// <param name="html">The page.</param>
    /// <param name="title">Of the card.</param>
    /// <param name="legend">Names, colours and whether the line is dashed.</param>
    /// <param name="style">Of the frame; null for none.</param>
    /// <param name="kind">The drawing's class; null for none.</param>
    public void Open(StringBuilder html, string title, IEnumerable<(string Name, int Color, bool Dashed)> legend, string? style = null, string? kind = null)
    {
        html.Append("<figure class=\"card chart\"><h3>").Append(Html.Encode(title)).Append("</h3><div class=\"legend\">");
        foreach ((string name, int color, bool dashed) in legend)
        {
            html.Append($"<span><i class=\"{Color(color)}{(dashed ? " dashed" : string.Empty)}\"></i>{Html.Encode(name)}</span>");
        }

        html.Append($"</div><div class=\"plot\"{(style is null ? string.Empty : $" style=\"{style}\"")}><div class=\"ys\">");
        foreach (double tick in y.Ticks)
        {
            html.Append($"<b style=\"bottom:{Html.Number(100 * y.Of(tick))}%\">{y.Label(tick)}</b>");
        }

        html.Append($"</div><svg{(kind is null ? string.Empty : $" class=\"{kind}\"")} viewBox=\"0 0 {Html.Number(Extent)} {Html.Number(Extent)}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{Html.Encode(title)}\">");
        foreach (double tick in y.Ticks)
        {
            string at = Html.Coordinate((1 - y.Of(tick)) * Extent);
            html.Append($"<line class=\"grid\" x1=\"0\" x2=\"1000\" y1=\"{at}\" y2=\"{at}\"/>");
        }

        foreach (double tick in x.Ticks)
        {
            string at = Html.Coordinate(x.Of(tick) * Extent);
            html.Append($"<line class=\"grid\" x1=\"{at}\" x2=\"{at}\" y1=\"0\" y2=\"1000\"/>");
        }

        html.Append("<line class=\"axis\" x1=\"0\" x2=\"1000\" y1=\"1000\" y2=\"1000\"/>");
    }

    /// <summary>From the drawing's last element on.</summary>
    public void Close(StringBuilder html, string xLabel, string yLabel, string? note = null)
    {
        html.Append("</svg><div class=\"xs\">");
        foreach (double tick in x.Ticks)
        {
            html.Append($"<b style=\"left:{Html.Number(100 * x.Of(tick))}%\">{x.Label(tick)}</b>");
        }

        html.Line($"</div><span class=\"yl\">{Html.Encode(yLabel)}</span><span class=\"xl\">{Html.Encode(xLabel)}</span></div>{(note is null ? string.Empty : $"<p class=\"under\">{Html.Encode(note)}</p>")}</figure>");
    }

    /// <summary>A point that tells its value.</summary>
    public static void Dot(StringBuilder html, string at, int color, string text) =>
        html.Append($"<path class=\"dot {Color(color)}\" d=\"M{at}h0\"><title>{Html.Encode(text)}</title></path>");

    /// <summary>The class of a series' colour.</summary>
    public static string Color(int index) => "s" + Html.Number(index % ReportStyle.Colors);
}
