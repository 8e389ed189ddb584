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

    /// <summary>Drawn as a band behind the line, such as an interval or the range of seeds; in the order of x.</summary>
    public IReadOnlyList<(double X, double Low, double High)> Band { get; init; } = [];

    /// <summary>The mean of several lines over their common x, with their range as band; one line stays as it is.</summary>
    /// <param name="name">In the legend.</param>
    /// <param name="lines">Of each seed, in the order of x.</param>
    /// <param name="dashed">Whether the mean is drawn dashed.</param>
    public static Series Mean(string name, IReadOnlyList<IReadOnlyList<(double X, double Y)>> lines, bool dashed = false)
    {
        ArgumentNullException.ThrowIfNull(lines);
        if (lines.Count == 1)
        {
            return new Series(name, lines[0], dashed);
        }

        (double X, double[] Ys)[] common = [.. lines.SelectMany(static line => line).GroupBy(static point => point.X, static point => point.Y)
            .Where(group => group.Count() == lines.Count).Select(static group => (group.Key, group.ToArray())).OrderBy(static point => point.Key)];
        return new Series(name, [.. common.Select(static point => (point.X, point.Ys.Average()))], dashed)
        {
            Band = [.. common.Select(static point => (point.X, point.Ys.Min(), point.Ys.Max()))],
        };
    }
}

/// <summary>Lines over a common pair of axes, each point with a tooltip.</summary>
public sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<Series> Lines) : IReportBlock
{
    /// <summary>Lines with more points have no dots.</summary>
    private const int MostDots = 30;

    public AxisScale XScale { get; init; }

    public AxisUnit XUnit { get; init; }

    public AxisUnit YUnit { get; init; }

    /// <summary>Whether points have a dot that tells its value; not of curves through many samples.</summary>
    public bool HasDots { get; init; } = true;

    /// <summary>Named values of y, drawn from one side to the other.</summary>
    public IReadOnlyList<(string Name, double Y)> References { get; init; } = [];

    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        var x = Axis.Over(Lines.SelectMany(l => l.Points.Select(p => p.X)), XScale, XUnit);
        var y = Axis.Over(
            Lines.SelectMany(l => l.Points.Select(p => p.Y).Concat(l.Band.SelectMany(b => (double[])[b.Low, b.High]))).Concat(References.Select(r => r.Y)), AxisScale.Linear, YUnit);
        var plot = new Plot(x, y);
        plot.Open(html, Title, Lines.Select((line, i) => (line.Name, line.Color ?? i, line.Dashed)));
        for (int i = 0; i < Lines.Count; i++)
        {
            WriteBand(html, plot, Lines[i], Lines[i].Color ?? i);
        }

        foreach ((string name, double value) in References.Where(r => y.Holds(r.Y)))
        {
            string at = Html.Coordinate(plot.Y(value));
            html.Append($"<line class=\"reference\" x1=\"0\" x2=\"1000\" y1=\"{at}\" y2=\"{at}\"><title>{Html.Encode(name)}: {y.Text(value)}</title></line>");
        }

        for (int i = 0; i < Lines.Count; i++)
        {
            WriteLine(html, plot, Lines[i], Lines[i].Color ?? i);
        }

        // The references' names stand below the chart: on it they would lie over the lines.
        plot.Close(html, XLabel, YLabel, References.Count == 0 ? null : string.Join(" · ", References.Select(r => $"{r.Name} {y.Text(r.Y)}")));
    }

    /// <summary>The area between the band's ends; a band of one place is a bar.</summary>
    private static void WriteBand(StringBuilder html, Plot plot, Series line, int color)
    {
        (double X, double Low, double High)[] band = [.. line.Band.Where(b => plot.XAxis.Holds(b.X) && double.IsFinite(b.Low) && double.IsFinite(b.High))];
        if (band.Length > 0)
        {
            IEnumerable<string> corners = band.Select(b => plot.At(b.X, b.High)).Concat(band.Reverse().Select(b => plot.At(b.X, b.Low)));
            html.Append($"<path class=\"band {Plot.Color(color)}\" d=\"M{string.Join('L', corners)}Z\"/>");
        }
    }

    private void WriteLine(StringBuilder html, Plot plot, Series line, int color)
    {
        var path = new StringBuilder();
        bool open = false;
        foreach ((double px, double py) in line.Points)
        {
            if (!plot.XAxis.Holds(px) || !double.IsFinite(py))
            {
                open = false;
                continue;
            }

            path.Append(open ? 'L' : 'M').Append(plot.At(px, py));
            open = true;
        }

        html.Append($"<path class=\"line {Plot.Color(color)}{(line.Dashed ? " dash" : string.Empty)}\" d=\"{path}\"/>");
        if (!HasDots || line.Points.Count > MostDots)
        {
            return;
        }

        foreach ((double px, double py) in line.Points)
        {
            if (plot.XAxis.Holds(px) && double.IsFinite(py))
            {
                Plot.Dot(html, plot.At(px, py), color, $"{line.Name}: {plot.XAxis.Text(px)} → {plot.YAxis.Text(py)}");
            }
        }
    }
}
