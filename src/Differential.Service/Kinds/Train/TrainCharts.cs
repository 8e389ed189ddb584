using System.Text.Json.Nodes;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Train;

/// <summary>Curves and margins of trained networks, for the reports of trainings and comparisons.</summary>
internal static class TrainCharts
{
    public static void Curves(ReportPage page, ReportedRun context, string?[] models) => page.Section(
        "Training",
        "Over a part of the samples, but for the last epoch.",
        Chart(context, models, "Loss", "loss", ("loss", "loss")),
        Chart(context, models, "Accuracy", "accuracy", ("trainAccuracy", "training"), ("testAccuracy", "test")) with { Percent = true });

    public static LineChart MarginCurve(ReportedRun context, string?[] models, string margin) =>
        Chart(context, models, "Smallest margin of the training samples", $"smallest {margin}", ("scoreMargin", "training"));

    public static HistogramChart Margins(IReadOnlyList<(string Name, IReadOnlyList<double> Values)> samples, string margin) => new("Margins", margin, samples);

    public static Cell Threshold(TrainOutcome outcome) =>
        outcome.Thresholds is { } thresholds ? new Cell(string.Join(" / ", thresholds.Select(t => Html.Figure(t)))) : Cell.Of(outcome.Threshold ?? double.NaN);

    private static LineChart Chart(ReportedRun context, string?[] models, string title, string axis, params (string Field, string Label)[] fields) => new(
        title,
        "epoch",
        axis,
        [.. models.SelectMany((model, i) => fields.Select((f, k) => Line(context.Metrics(), model, f.Field, f.Label, k > 0) with { Color = models.Length > 1 ? i : k }))]);

    private static Series Line(IReadOnlyList<JsonObject> metrics, string? model, string field, string label, bool dashed)
    {
        IEnumerable<JsonObject> lines = metrics.Where(l => (string?)l["phase"] == "training" && (string?)l["model"] == model);
        return new Series(
            model is null ? label : $"{model}, {label}",
            [.. lines.Select(l => ((double)l["epoch"]!, (double?)l[field] ?? double.NaN))],
            dashed);
    }
}
