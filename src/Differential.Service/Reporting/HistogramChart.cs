using System.Text;

namespace Differential.Service.Reporting;

/// <summary>Histograms of several samples over common bins, as shares of each sample, drawn over each other.</summary>
public sealed record HistogramChart(string Title, string XLabel, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> Samples) : IReportBlock
{
    /// <summary>Number of bins.</summary>
    public int Bins { get; init; } = 30;

    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        List<double> all = [.. Samples.SelectMany(s => s.Values).Where(double.IsFinite).Order()];
        double low = all.Count == 0 ? 0 : all[(int)(0.002 * (all.Count - 1))];
        double high = all.Count == 0 ? 1 : all[(int)(0.998 * (all.Count - 1))];
        if (high <= low)
        {
            (low, high) = (low - 0.5, low + 0.5);
        }

        List<double[]> shares = [.. Samples.Select(s => Shares(s.Values, low, high))];
        double top = Math.Max(0.01, shares.SelectMany(s => s).DefaultIfEmpty(0).Max());
        var plot = new Plot(Axis.Over([low, high]), Axis.Over([0, 100 * top]));
        plot.Open(html, Title, Samples.Select((s, i) => (s.Name, i, false)));
        for (int i = 0; i < Samples.Count; i++)
        {
            html.Append($"<g class=\"bars {Plot.Color(i)}\">");
            for (int bin = 0; bin < Bins; bin++)
            {
                if (shares[i][bin] <= 0)
                {
                    continue;
                }

                double from = low + ((high - low) * bin / Bins);
                double to = low + ((high - low) * (bin + 1) / Bins);
                double y = plot.Y(100 * shares[i][bin]);
                html.Append($"<rect x=\"{Html.Coordinate(plot.X(from))}\" y=\"{Html.Coordinate(y)}\" width=\"{Html.Coordinate(plot.X(to) - plot.X(from))}\" height=\"{Html.Coordinate(plot.Y(0) - y)}\">")
                    .Append($"<title>{Html.Encode(Samples[i].Name)}: {Numbers.Figure(from)} to {Numbers.Figure(to)}: {Numbers.Share(shares[i][bin])}</title></rect>");
            }

            html.Append("</g>");
        }

        plot.Close(html, XLabel, "share of samples, %");
    }

    // The outermost 0.2 % on either side is counted in the outermost bins, so that one stray value does not flatten the picture.
    private double[] Shares(IReadOnlyList<double> values, double low, double high)
    {
        var shares = new double[Bins];
        int count = 0;
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                shares[Math.Clamp((int)((value - low) / (high - low) * Bins), 0, Bins - 1)]++;
                count++;
            }
        }

        for (int i = 0; i < Bins && count > 0; i++)
        {
            shares[i] /= count;
        }

        return shares;
    }
}
