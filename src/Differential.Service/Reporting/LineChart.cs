using System.Text;

namespace Differential.Service.Reporting;

/// <summary>A named line of a chart; points in the order of x, non-finite ones leave a gap.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">x and y.</param>
/// <param name="Dashed">Drawn dashed, for bounds and references.</param>
public sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool Dashed = false)
{
    /// <summary>Colour index, to give lines that belong together one colour; the position in the chart by default.</summary>
    public int? Color { get; init; }

    /// <summary>A band around the line, in the order of x; none by default.</summary>
    public IReadOnlyList<(double X, double Low, double High)> Band { get; init; } = [];
}

/// <summary>Lines over a common pair of axes, each point with a tooltip.</summary>
public sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<Series> Lines) : IReportBlock
{
    public AxisScale XScale { get; init; }

    /// <summary>The y axis runs from 0 to 100 %.</summary>
    public bool Percent { get; init; }

    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        var x = Axis.Over(Lines.SelectMany(l => l.Points.Select(p => p.X)), XScale, percent: false);
        var y = Axis.Over(Lines.SelectMany(l => l.Points.Select(p => p.Y).Concat(l.Band.SelectMany(b => (double[])[b.Low, b.High]))), AxisScale.Linear, Percent);
        var plot = new Plot(x, y);
        plot.Open(html, Title, XLabel, YLabel, Lines.Select((line, i) => (line.Name, Plot.Color(line.Color ?? i), line.Dashed)));
        for (int i = 0; i < Lines.Count; i++)
        {
            WriteLine(html, plot, Lines[i], Plot.Color(Lines[i].Color ?? i));
        }

        Plot.Close(html);
    }

    private void WriteLine(StringBuilder html, Plot plot, Series line, string color)
    {
        var path = new StringBuilder();
        bool open = false;
        foreach ((double px, double py) in line.Points)
        {
            if (!Drawable(px, XScale) || !double.IsFinite(py))
            {
                open = false;
                continue;
            }

            path.Append(open ? 'L' : 'M').Append(Html.Number(plot.X(px))).Append(' ').Append(Html.Number(plot.Y(py)));
            open = true;
        }

        WriteBand(html, plot, line, color);
        string dash = line.Dashed ? " stroke-dasharray=\"6 4\"" : string.Empty;
        html.Append($"<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" stroke-linejoin=\"round\"{dash}/>");
        if (line.Points.Count > 60)
        {
            return;
        }

        foreach ((double px, double py) in line.Points)
        {
            if (Drawable(px, XScale) && double.IsFinite(py))
            {
                string value = Percent ? Html.Percent(py) : Html.Figure(py);
                html.Append($"<circle cx=\"{Html.Number(plot.X(px))}\" cy=\"{Html.Number(plot.Y(py))}\" r=\"3\" fill=\"{color}\"><title>{Html.Encode(line.Name)}: {Html.Figure(px)} → {value}</title></circle>");
            }
        }
    }

    /// <summary>The area between the band's ends; a band of one place is a bar.</summary>
    private static void WriteBand(StringBuilder html, Plot plot, Series line, string color)
    {
        (double X, double Low, double High)[] band = [.. line.Band.Where(b => double.IsFinite(b.X) && double.IsFinite(b.Low) && double.IsFinite(b.High))];
        if (band.Length == 0)
        {
            return;
        }

        IEnumerable<string> upper = band.Select(b => $"{Html.Number(plot.X(b.X))} {Html.Number(plot.Y(b.High))}");
        IEnumerable<string> lower = band.Reverse().Select(b => $"{Html.Number(plot.X(b.X))} {Html.Number(plot.Y(b.Low))}");
        html.Append($"<path d=\"M{string.Join('L', upper.Concat(lower))}Z\" fill=\"{color}\" fill-opacity=\"0.15\" stroke=\"{color}\" stroke-opacity=\"0.3\"/>");
    }

    private static bool Drawable(double value, AxisScale scale) => double.IsFinite(value) && (scale == AxisScale.Linear || value > 0);
}
