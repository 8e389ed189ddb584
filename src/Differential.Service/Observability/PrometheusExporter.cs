using System.Diagnostics.Metrics;

namespace Differential.Service.Observability;

/// <summary>
/// Collects what a meter's instruments measure and gives it out in Prometheus' text format. Counters and histograms add up
/// from the exporter's making on; observable instruments are read at each call.
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    /// <summary>Series of one instrument; more are left out, so that labels can't fill the memory.</summary>
    private const int MaxSeries = 5_000;

    private readonly Lock _lock = new();
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    public PrometheusExporter(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Everything as text of the format 0.0.4, families and series in a fixed order.</summary>
    public string Collect()
    {
        // One reader at a time: gauges are cleared and read anew.
        lock (_lock)
        {
            foreach (MetricFamily family in _families.Values.Where(f => f.Kind == MetricKind.Gauge))
            {
                family.Series.Clear();
            }

            _listener.RecordObservableInstruments();
            return PrometheusText.Write(_families.Values);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            if (!_families.TryGetValue(instrument.Name, out MetricFamily? family))
            {
                family = MetricFamily.Of(instrument);
                _families.Add(instrument.Name, family);
            }

            string labels = PrometheusText.Labels(tags);
            if (!family.Series.TryGetValue(labels, out MetricSeries? series))
            {
                if (family.Series.Count >= MaxSeries)
                {
                    return;
                }

                series = new MetricSeries(family.Kind);
                family.Series.Add(labels, series);
            }

            series.Record(value);
        }
    }
}
