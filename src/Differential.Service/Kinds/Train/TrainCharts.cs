using System.Text.Json.Nodes;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Train;

/// <summary>A network as charts show it: its seeds together.</summary>
/// <param name="Name">In legends; null where a job has one network only.</param>
/// <param name="Labels">Of each seed, as metrics.jsonl has them.</param>
internal sealed record ChartedNetwork(string? Name, IReadOnlyList<string?> Labels);

/// <summary>Curves, margins and the theorem of trained networks, for the reports of trainings and comparisons.</summary>
internal static class TrainCharts
{
    public static void Curves(ReportPage page, ReportedRun context, IReadOnlyList<ChartedNetwork> networks) => page.Section(
        "Training",
        networks.Any(static network => network.Labels.Count > 1)
            ? "Means of the seeds, with their range. Over a part of the samples, but for the last epoch."
            : "Over a part of the samples, but for the last epoch.",
        Chart(context, networks, "Loss", "loss", ("loss", "loss")),
        Chart(context, networks, "Accuracy", "accuracy", ("trainAccuracy", "training"), ("testAccuracy", "test")) with { YUnit = AxisUnit.Share });

    public static LineChart MarginCurve(ReportedRun context, IReadOnlyList<ChartedNetwork> networks, string margin) =>
        Chart(context, networks, "Smallest margin of the training samples", $"smallest {margin}", ("scoreMargin", "training"));

    public static HistogramChart Margins(IReadOnlyList<(string Name, IReadOnlyList<double> Values)> samples, string margin) => new("Margins", margin, samples);

    /// <summary>The networks' accuracies, thresholds and margins.</summary>
    public static TableBlock Networks(IReadOnlyList<(string Name, TrainOutcome Outcome)> models)
    {
        string margin = models[0].Outcome.MarginName();
        bool hasMedian = models.Any(static m => m.Outcome.Margins.ContainsKey("test"));
        return new TableBlock(
            "Networks",
            ["network", "training accuracy", "test accuracy", "95 % (test)", $"smallest {margin} (training)", .. hasMedian ? (string[])[$"median {margin} (test)"] : [], "threshold"],
            [
                .. models.Select(m => (IReadOnlyList<Cell>)
                [
                    new Cell(m.Name), Cell.Percent(m.Outcome.Train.Accuracy), Cell.Percent(m.Outcome.Test.Accuracy), new Cell(Numbers.Shares(m.Outcome.Test.AccuracyInterval)),
                    Cell.Of(m.Outcome.ScoreMargin), .. hasMedian ? (Cell[])[Cell.Of(m.Outcome.Margins.GetValueOrDefault("test")?.P50)] : [], Threshold(m.Outcome),
                ]),
            ]);
    }

    /// <summary>Whether the theorem matters to the networks; nothing where that is known of none.</summary>
    public static void Theorem(ReportPage page, IReadOnlyList<(string Name, TrainOutcome Outcome)> models)
    {
        (string Name, TrainOutcome Outcome)[] known = [.. models.Where(static m => m.Outcome.Theorem is not null)];
        if (known.Length > 0)
        {
            page.Section(
                "Does the theorem matter here?",
                "On the penultimate features of training samples that are decided correctly. γ is the largest margin that a last layer could have. The limit is what training a last layer with cross-entropy would converge to: at 100 % the theorem says nothing. docs/theory.md tells more.",
                new TableBlock(
                    null,
                    ["network", "samples", "γ", "(mean·u)/γ", "limit of ‖w‖² + b², share of γ", "trained last layer, share of γ"],
                    [
                        .. known.Select(m => (IReadOnlyList<Cell>)
                        [
                            new Cell(m.Name), Cell.Count(m.Outcome.Theorem!.Samples), Cell.Of(m.Outcome.Theorem.Gamma), Cell.Of(m.Outcome.Theorem.MeanShare),
                            Cell.Percent(m.Outcome.Theorem.LimitShare), Cell.Percent(m.Outcome.Theorem.TrainedShare),
                        ]),
                    ]));
        }
    }

    private static Cell Threshold(TrainOutcome outcome) =>
        outcome.Thresholds is { } thresholds ? new Cell(string.Join(" / ", thresholds.Select(t => Numbers.Figure(t)))) : Cell.Of(outcome.Threshold);

    private static LineChart Chart(ReportedRun context, IReadOnlyList<ChartedNetwork> networks, string title, string axis, params (string Field, string Label)[] fields) => new(
        title,
        "epoch",
        axis,
        [.. networks.SelectMany((network, i) => fields.Select((f, k) => Line(context.Metrics(), network, f.Field, f.Label, k > 0) with { Color = networks.Count > 1 ? i : k })).Where(static line => line.Points.Any(static p => double.IsFinite(p.Y)))])
    {
        XUnit = AxisUnit.Whole,
    };

    private static Series Line(IReadOnlyList<JsonObject> metrics, ChartedNetwork network, string field, string label, bool dashed) => Series.Mean(
        network.Name is null ? label : $"{network.Name}, {label}",
        [
            .. network.Labels.Select(of => (IReadOnlyList<(double, double)>)
            [
                .. metrics.Where(line => (string?)line["phase"] == "training" && (string?)line["model"] == of).Select(line => ((double)line["epoch"]!, (double?)line[field] ?? double.NaN)),
            ]),
        ],
        dashed);
}
