using System.Globalization;
using System.Text;

namespace Differential.Service.Observability;

/// <summary>Prometheus' text exposition format, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<MetricFamily> families)
    {
        ArgumentNullException.ThrowIfNull(families);
        var text = new StringBuilder();
        foreach (MetricFamily family in families.Where(f => f.Series.Count > 0))
        {
            text.Append("# HELP ").Append(family.Name).Append(' ').Append(Help(family.Help)).Append('\n');
            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Kind.ToString().ToLowerInvariant()).Append('\n');
            foreach ((string labels, MetricSeries series) in family.Series)
            {
                if (family.Kind == MetricKind.Histogram)
                {
                    Histogram(text, family.Name, labels, series);
                }
                else
                {
                    Line(text, family.Name, labels, Number(series.Value));
                }
            }
        }

        return text.ToString();
    }

    /// <summary>A metric's or label's name: what the format does not allow becomes an underscore.</summary>
    public static string Name(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var allowed = new StringBuilder(name.Length + 1);
        foreach (char c in name)
        {
            allowed.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return allowed.Length == 0 || char.IsAsciiDigit(allowed[0]) ? "_" + allowed : allowed.ToString();
    }

    /// <summary>Labels without their braces, ordered by name; none of them is an empty text.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return string.Empty;
        }

        var pairs = new List<string>(tags.Length);
        foreach ((string name, object? value) in tags)
        {
            pairs.Add($"{Name(name)}=\"{Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty)}\"");
        }

        pairs.Sort(StringComparer.Ordinal);
        return string.Join(',', pairs);
    }

    /// <summary>A number as Go's ParseFloat reads it.</summary>
    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Help(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static void Histogram(StringBuilder text, string name, string labels, MetricSeries series)
    {
        string before = labels.Length == 0 ? string.Empty : labels + ",";
        for (int i = 0; i < series.Buckets.Count; i++)
        {
            Line(text, name + "_bucket", $"{before}le=\"{Number(MetricSeries.Bounds[i])}\"", Number(series.Buckets[i]));
        }

        Line(text, name + "_bucket", $"{before}le=\"+Inf\"", Number(series.Count));
        Line(text, name + "_sum", labels, Number(series.Value));
        Line(text, name + "_count", labels, Number(series.Count));
    }

    private static void Line(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }
}
