using System.Diagnostics.Metrics;

namespace Differential.Service.Observability;

/// <summary>The kinds of Prometheus' format that are used.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>An instrument's series.</summary>
/// <param name="Name">As Prometheus writes it, unit and <c>_total</c> included.</param>
/// <param name="Help">What it measures.</param>
/// <param name="Kind">Its kind.</param>
internal sealed record MetricFamily(string Name, string Help, MetricKind Kind)
{
    /// <summary>By the labels as they are written.</summary>
    public SortedDictionary<string, MetricSeries> Series { get; } = new(StringComparer.Ordinal);

    public static MetricFamily Of(Instrument instrument)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        Type type = instrument.GetType().GetGenericTypeDefinition();
        MetricKind kind = type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
        string unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => string.Empty,
        };
        string name = PrometheusText.Name(instrument.Name) + unit + (kind == MetricKind.Counter ? "_total" : string.Empty);
        return new MetricFamily(name, instrument.Description ?? string.Empty, kind);
    }
}

/// <summary>One series: the latest value, the sum, or a histogram.</summary>
internal sealed class MetricSeries(MetricKind kind)
{
    /// <summary>Upper bounds of a histogram's buckets, in seconds: jobs take from seconds to days.</summary>
    public static readonly IReadOnlyList<double> Bounds = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200];

    private readonly long[] _buckets = kind == MetricKind.Histogram ? new long[Bounds.Count] : [];

    /// <summary>A gauge's latest value; else the sum.</summary>
    public double Value { get; private set; }

    /// <summary>Measurements.</summary>
    public long Count { get; private set; }

    /// <summary>Measurements of at most each bound.</summary>
    public IReadOnlyList<long> Buckets => _buckets;

    public void Record(double value)
    {
        Value = kind == MetricKind.Gauge ? value : Value + value;
        Count++;
        for (int i = _buckets.Length - 1; i >= 0 && value <= Bounds[i]; i--)
        {
            _buckets[i]++;
        }
    }
}
