using System.Text;

namespace Differential.Service.Reporting;

/// <summary>The frame that charts share: a card with a title, a legend, axes with a grid, and the mapping to pixels.</summary>
internal sealed class Plot(Axis x, Axis y)
{
    private const double Width = 560;
    private const double Height = 300;
    private const double Left = 58;
    private const double Right = 24;
    private const double Top = 10;
    private const double Bottom = 44;

    public double X(double value) => Left + (Math.Clamp(x.Position(value), 0, 1) * (Width - Left - Right));

    public double Y(double value) => Height - Bottom - (Math.Clamp(y.Position(value), 0, 1) * (Height - Top - Bottom));

    public void Open(StringBuilder html, string title, string xLabel, string yLabel, IEnumerable<(string Name, string Color, bool Dashed)> legend)
    {
        html.Append("<div class=\"card\"><h3>").Append(Html.Encode(title)).Append("</h3><div class=\"legend\">");
        foreach ((string name, string color, bool dashed) in legend)
        {
            html.Append($"<span><i{(dashed ? " class=\"dashed\"" : string.Empty)} style=\"color:{color}\"></i>{Html.Encode(name)}</span>");
        }

        html.Append($"</div><svg viewBox=\"0 0 {Html.Number(Width)} {Html.Number(Height)}\" role=\"img\" aria-label=\"{Html.Encode(title)}\">");
        foreach (double tick in y.Ticks)
        {
            string at = Html.Number(Y(tick));
            html.Append($"<line class=\"grid\" x1=\"{Html.Number(Left)}\" x2=\"{Html.Number(Width - Right)}\" y1=\"{at}\" y2=\"{at}\"/>");
            html.Append($"<text x=\"{Html.Number(Left - 8)}\" y=\"{Html.Number(Y(tick) + 4)}\" text-anchor=\"end\">{y.Label(tick)}</text>");
        }

        foreach (double tick in x.Ticks)
        {
            string at = Html.Number(X(tick));
            html.Append($"<line class=\"grid\" x1=\"{at}\" x2=\"{at}\" y1=\"{Html.Number(Top)}\" y2=\"{Html.Number(Height - Bottom)}\"/>");
            html.Append($"<text x=\"{at}\" y=\"{Html.Number(Height - Bottom + 18)}\" text-anchor=\"middle\">{x.Label(tick)}</text>");
        }

        html.Append($"<line class=\"axis\" x1=\"{Html.Number(Left)}\" x2=\"{Html.Number(Width - Right)}\" y1=\"{Html.Number(Height - Bottom)}\" y2=\"{Html.Number(Height - Bottom)}\"/>");
        html.Append($"<text x=\"{Html.Number((Left + Width - Right) / 2)}\" y=\"{Html.Number(Height - 6)}\" text-anchor=\"middle\">{Html.Encode(xLabel)}</text>");
        html.Append($"<text transform=\"translate(14 {Html.Number((Top + Height - Bottom) / 2)}) rotate(-90)\" text-anchor=\"middle\">{Html.Encode(yLabel)}</text>");
    }

    public static void Close(StringBuilder html) => html.Line("</svg></div>");

    public static string Color(int index) => ReportStyle.Palette[index % ReportStyle.Palette.Count];
}
