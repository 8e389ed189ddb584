using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Differential.Service.Jobs;
using Differential.Service.Observability;

namespace Differential.Service.Tests.Observability;

public sealed partial class PrometheusTests
{
    [Theory]
    [InlineData("differential.jobs", "differential_jobs")]
    [InlineData("9 lives", "_9_lives")]
    [InlineData("", "_")]
    public void Name_AnyText_IsAllowedByTheFormat(string name, string expected) => Assert.Equal(expected, PrometheusText.Name(name));

    [Theory]
    [InlineData("a\"b", "job=\"a\\\"b\"")]
    [InlineData("a\\b", "job=\"a\\\\b\"")]
    [InlineData("a\nb", "job=\"a\\nb\"")]
    [InlineData("grün", "job=\"grün\"")]
    public void Labels_SpecialCharacters_AreEscaped(string value, string expected) =>
        Assert.Equal(expected, PrometheusText.Labels([new KeyValuePair<string, object?>("job", value)]));

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(0.1, "0.1")]
    public void Number_AnyValue_IsReadByTheFormat(double value, string expected) => Assert.Equal(expected, PrometheusText.Number(value));

    [Fact]
    public void Collect_EachKindOfInstrument_WritesItsSeries()
    {
        using var meter = new Meter("test");
        using var exporter = new PrometheusExporter(meter);
        Counter<long> counter = meter.CreateCounter<long>("runs", null, "Runs.\nAll of them");
        Histogram<double> histogram = meter.CreateHistogram<double>("wait", "s", "Waits.");
        double gauge = 3;
        meter.CreateObservableGauge("size", () => gauge, "By", "Size.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        histogram.Record(0.5);
        histogram.Record(70);
        histogram.Record(1e9);

        exporter.Collect();
        gauge = 4;
        string text = exporter.Collect();

        Assert.Contains("# HELP runs_total Runs.\\nAll of them\n# TYPE runs_total counter\nruns_total{kind=\"a\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE size_bytes gauge\nsize_bytes 4\n", text, StringComparison.Ordinal);
        Assert.Contains("wait_seconds_bucket{le=\"1\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("wait_seconds_bucket{le=\"60\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("wait_seconds_bucket{le=\"300\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("wait_seconds_bucket{le=\"+Inf\"} 3\nwait_seconds_sum 1000000070.5\nwait_seconds_count 3\n", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
    }

    [Fact]
    public void Collect_OtherMeterOfTheSameName_IsLeftOut()
    {
        using var meter = new Meter("test");
        using var other = new Meter("test");
        using var exporter = new PrometheusExporter(meter);
        other.CreateCounter<long>("theirs").Add(1);

        Assert.Equal(string.Empty, exporter.Collect());
    }

    [Fact]
    public void Collect_JobsInMemory_WritesTheirGauges()
    {
        var live = new LiveJobs();
        using var meter = new ServiceMeter(live);
        using var exporter = new PrometheusExporter(meter.Meter);
        live.Begin(new LiveJob { Id = "a", Title = "a", State = JobState.Running, Device = "simd", Loss = 0.25, FlipRates = [new LiveFlipRate(null, "test", "pgd", "l2", 0.5, 0.75)] });
        meter.KernelCompiled("cuda:0", TimeSpan.FromMilliseconds(500));
        meter.JobEnded("train", "done", 12);

        string text = exporter.Collect();

        Assert.Contains("differential_training_loss{job=\"a\"} 0.25\n", text, StringComparison.Ordinal);
        Assert.Contains("differential_attack_flip_rate{attack=\"pgd\",epsilon=\"0.5\",job=\"a\",model=\"\",norm=\"l2\",split=\"test\"} 0.75\n", text, StringComparison.Ordinal);
        Assert.Contains("differential_kernel_compile_seconds_total{device=\"cuda:0\"} 0.5\n", text, StringComparison.Ordinal);
        Assert.Contains("differential_jobs_ended_total{kind=\"train\",state=\"done\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("differential_job_duration_seconds_bucket{kind=\"train\",state=\"done\",le=\"15\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void End_ManyJobs_RemembersTheLatestOnly()
    {
        var live = new LiveJobs();
        for (int i = 0; i < 100; i++)
        {
            live.Begin(new LiveJob { Id = $"{i}", Title = "t", State = JobState.Running, Device = "simd", Loss = i });
            live.End($"{i}", JobState.Done);
        }

        Assert.Null(live.Find("79"));
        Assert.Equal(JobState.Done, live.Find("80")!.State);
        Assert.Equal(20, live.Measure(j => j.Loss).Count());
    }

    [GeneratedRegex("""^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .*|[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)+\})? (NaN|[+-]Inf|[-+0-9.eE]+))$""")]
    private static partial Regex Line();
}
