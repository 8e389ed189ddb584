using System.Globalization;
using System.Text.Json;
using Differential.Service.Jobs;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Sweep;

/// <summary>The <c>report.html</c> of a sweep: one table, and curves over the learning rate where that is varied.</summary>
internal static class SweepReport
{
    /// <summary>Most charts; the table has the rest.</summary>
    private const int MaxCharts = 6;

    private const string Rate = "optimizer.learningRate";

    public static void Write(ReportedRun context, SweepOutcome outcome)
    {
        string[] fields = [.. outcome.Jobs[0].Fields.Keys];
        string[] figures = Figures(outcome);
        ReportPage page = new ReportPage(
            context.Spec.Name ?? "Sweep",
            string.Create(CultureInfo.InvariantCulture, $"sweep {context.Id}, {outcome.Jobs.Count} jobs, {JobPage.DeviceOf(context)}")).Section(
            "Jobs",
            "Each job's own report is jobs/<number>/report.html beside this one.",
            new TableBlock(
                null,
                ["job", .. fields, "status", .. figures],
                [.. outcome.Jobs.Select(j => (IReadOnlyList<Cell>)[new Cell(j.Number.ToString(CultureInfo.InvariantCulture)), .. fields.Select(f => new Cell(Text(j.Fields[f]))), Status(j), .. figures.Select(f => Value(j, f))])]));
        if (fields.Contains(Rate))
        {
            page.Section("Against the learning rate", "A point for each job that is done.", [.. figures.Take(MaxCharts).Select(f => Chart(outcome, f))]);
        }

        SweepRow[] failed = [.. outcome.Jobs.Where(j => j.Error is not null)];
        if (failed.Length > 0)
        {
            page.Section("What failed", null, new TextBlock(null, string.Join('\n', failed.Select(j => $"{j.Number}: {j.Error}"))));
        }

        JobPage.Finish(page, context);
    }

    /// <summary>The figures that any of the jobs has, in their order.</summary>
    internal static string[] Figures(SweepOutcome outcome) => [.. outcome.Jobs.SelectMany(j => j.Result.Keys).Distinct()];

    /// <summary>A field's value on one line.</summary>
    internal static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object or JsonValueKind.Array => JsonSerializer.Serialize(value, JobJson.Line),
        _ => value.GetRawText(),
    };

    private static Cell Status(SweepRow job) => new(job.Status.ToText(), job.Status == TaskState.Done ? CellTone.Plain : CellTone.Warning);

    private static Cell Value(SweepRow job, string figure)
    {
        double? value = job.Result.GetValueOrDefault(figure);
        return value is null ? new Cell("–") : IsShare(figure) ? Cell.Percent(value) : Cell.Of(value.Value);
    }

    private static LineChart Chart(SweepOutcome outcome, string figure) => new(
        figure,
        "learning rate",
        figure,
        [
            .. outcome.Jobs.Where(j => j.Status == TaskState.Done)
                .GroupBy(j => string.Join(", ", j.Fields.Where(f => f.Key != Rate).Select(f => $"{f.Key} {Text(f.Value)}")))
                .Select(g => new Series(
                    g.Key.Length == 0 ? figure : g.Key,
                    [.. g.Select(j => (j.Fields[Rate].GetDouble(), j.Result.GetValueOrDefault(figure) ?? double.NaN)).OrderBy(p => p.Item1)])),
        ])
    {
        XScale = AxisScale.Logarithmic,
        Percent = IsShare(figure),
    };

    private static bool IsShare(string figure) => figure.EndsWith("Accuracy", StringComparison.Ordinal) || figure.EndsWith("flipRate", StringComparison.Ordinal);
}
