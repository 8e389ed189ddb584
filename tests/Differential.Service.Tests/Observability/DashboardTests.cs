using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Differential.Service.Hosting;
using Differential.Service.Observability;
using Differential.Service.Queue;
using Differential.Service.Tests.Queue;
using Differential.Service.Web;

namespace Differential.Service.Tests.Observability;

/// <summary>The dashboard and the alerts under docker/ ask for metrics that the program has, with labels that these have.</summary>
public sealed partial class DashboardTests
{
    [Fact]
    public void Dashboard_Queries_NameMetricsThatExist()
    {
        JsonNode dashboard = JsonNode.Parse(File.ReadAllText(Docker("grafana-dashboard.json")))!;
        string[] queries = [.. dashboard["panels"]!.AsArray().SelectMany(static p => p!["targets"]?.AsArray() ?? []).Select(static t => (string)t!["expr"]!)];

        Assert.True(queries.Length >= 12);
        Check(queries);
    }

    [Fact]
    public void Alerts_Queries_NameMetricsThatExistAndEachSaysWhatItMeans()
    {
        string[] lines = File.ReadAllLines(Docker("alerts.yaml"));
        string[] queries = [.. lines.Select(static l => Expression().Match(l)).Where(static m => m.Success).Select(static m => m.Groups[1].Value)];
        int alerts = lines.Count(static l => l.TrimStart().StartsWith("- alert:", StringComparison.Ordinal));

        Assert.True(alerts >= 5);
        Assert.Equal(alerts, queries.Length);
        Assert.Equal(alerts, lines.Count(static l => l.TrimStart().StartsWith("summary:", StringComparison.Ordinal)));
        Check(queries);
    }

    private static void Check(string[] queries)
    {
        HashSet<string> known = Known();
        string[] asked = [.. queries.SelectMany(static q => Name().Matches(q).Select(static m => m.Value)).Distinct()];

        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.Contains(name, known));
        Assert.All(queries, static query =>
        {
            Assert.Equal(query.Count(static c => c == '('), query.Count(static c => c == ')'));
            Assert.Equal(query.Count(static c => c == '{'), query.Count(static c => c == '}'));
            Assert.True(Name().IsMatch(query) || query.Contains("up{", StringComparison.Ordinal), query);
        });
    }

    /// <summary>The names of everything that the service measures, as Prometheus has them.</summary>
    private static HashSet<string> Known()
    {
        HashSet<string> names = [];
        using var folder = new QueueFolder();
        using var meter = new ServiceMeter(new LiveJobs());
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter, meter.Meter))
                {
                    MetricFamily family = MetricFamily.Of(instrument);
                    names.UnionWith(family.Kind == MetricKind.Histogram ? [family.Name + "_bucket", family.Name + "_sum", family.Name + "_count"] : [family.Name]);
                }
            },
        };
        listener.Start();
        var time = TimeProvider.System;
        var options = new ServiceOptions { Root = folder.Root.Path };
        _ = new StateFeed(folder.Root, options, new LiveJobs(), new LoopPulse(time), new Troubles(time), meter, new IncomingIndex(folder.Root, options.Queue, time), new EndedIndex(folder.Root, time), time);
        GpuMeter.Register(meter, static () => []);
        return names;
    }

    private static string Docker(string name) => Path.Combine(Repository.Root, "docker", name);

    [GeneratedRegex("differential_[a-z_]+")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\s*expr:\s*(.+)$")]
    private static partial Regex Expression();
}
