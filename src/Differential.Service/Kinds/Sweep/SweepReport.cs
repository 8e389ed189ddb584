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
        string[][] labels = Labels(outcome);
        (string? figure, int? best) = Best(outcome, figures);
        SweepRow[] failed = [.. outcome.Jobs.Where(static j => j.Error is not null)];
        ReportPage page = JobPage.Start(
            context,
            "Sweep",
            [
                $"{outcome.Jobs.Count - failed.Length} of {outcome.Jobs.Count} jobs are done.{(best is { } row ? $" The highest {figure} is {Value(outcome.Jobs[row], figure!).Text}: job {outcome.Jobs[row].Number} ({SweepLabels.Joined(labels[row])})." : string.Empty)}",
                .. best is null ? (string[])[] : ["The best of many is partly luck: its figure is higher than a new measurement of it would be. Figures of test samples that chose a job do not judge it."],
            ],
            [.. failed.Select(static j => $"Job {j.Number} failed: {j.Error}")]);
        page.Section(
            "Jobs",
            "Headings sort; numbers lead to each job's own report.",
            new TableBlock(
                null,
                ["job", .. SweepLabels.Headings(fields), "status", .. figures],
                [
                    .. outcome.Jobs.Select((j, i) => (IReadOnlyList<Cell>)
                    [
                        new Cell(j.Number.ToString(CultureInfo.InvariantCulture)) { Link = j.Status == TaskState.Done ? $"{j.Folder}/report.html" : null, Sort = j.Number },
                        .. labels[i].Select(static label => new Cell(label)), Status(j), .. figures.Select(f => Value(j, f)),
                    ]),
                ])
            {
                SortId = "s",
                Best = best,
            });
        if (fields.Contains(Rate))
        {
            page.Section("Against the learning rate", "A point for each job that is done.", [.. figures.Take(MaxCharts).Select(f => Chart(outcome, labels, fields, f))]);
        }

        JobPage.Finish(page, context);
    }

    /// <summary>The figures that any of the jobs has, in their order.</summary>
    internal static string[] Figures(SweepOutcome outcome) => [.. outcome.Jobs.SelectMany(static j => j.Result.Keys).Distinct()];

    /// <summary>A field's value on one line.</summary>
    internal static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object or JsonValueKind.Array => JsonSerializer.Serialize(value, JobJson.Line),
        _ => value.GetRawText(),
    };

    /// <summary>By job, a label for each field.</summary>
    internal static string[][] Labels(SweepOutcome outcome)
    {
        string[] fields = [.. outcome.Jobs[0].Fields.Keys];
        IReadOnlyList<string>[] byField = [.. fields.Select(field => SweepLabels.Of([.. outcome.Jobs.Select(job => job.Fields[field])]))];
        return [.. outcome.Jobs.Select((_, i) => byField.Select(labels => labels[i]).ToArray())];
    }

    internal static bool IsShare(string figure) =>
        figure.EndsWith("Accuracy", StringComparison.Ordinal) || figure.EndsWith("flipRate", StringComparison.Ordinal) || figure.EndsWith("marginRatio", StringComparison.Ordinal);

    /// <summary>The job with the highest of the figure that says most: robust accuracy, then accuracy on test, then on training samples, then a share of the largest margin.</summary>
    internal static (string? Figure, int? Row) Best(SweepOutcome outcome, IReadOnlyList<string> figures)
    {
        string? figure = ((string[])["robustAccuracy", "testAccuracy", "trainAccuracy", "marginRatio"])
            .Select(end => figures.FirstOrDefault(f => f.EndsWith(end, StringComparison.Ordinal) && outcome.Jobs.Any(j => j.Result.GetValueOrDefault(f) is not null))).FirstOrDefault(static f => f is not null);
        if (figure is null || outcome.Jobs.Count < 2)
        {
            return (null, null);
        }

        int best = Enumerable.Range(0, outcome.Jobs.Count).MaxBy(i => outcome.Jobs[i].Result.GetValueOrDefault(figure) ?? double.NegativeInfinity);
        return (figure, best);
    }

    private static Cell Status(SweepRow job) => new(job.Status.ToText(), job.Status == TaskState.Done ? CellTone.Plain : CellTone.Warning);

    private static Cell Value(SweepRow job, string figure) => IsShare(figure) ? Cell.Percent(job.Result.GetValueOrDefault(figure)) : Cell.Of(job.Result.GetValueOrDefault(figure));

    private static LineChart Chart(SweepOutcome outcome, string[][] labels, string[] fields, string figure)
    {
        int rate = Array.IndexOf(fields, Rate);
        return new LineChart(
            figure,
            "learning rate",
            IsShare(figure) ? "share" : figure,
            [
                .. outcome.Jobs.Select((job, i) => (Job: job, Labels: labels[i])).Where(static j => j.Job.Status == TaskState.Done)
                    .GroupBy(j => SweepLabels.Joined(j.Labels.Where((_, k) => k != rate)))
                    .Select(g => new Series(
                        g.Key.Length == 0 ? figure : g.Key,
                        [.. g.Select(j => (j.Job.Fields[Rate].GetDouble(), j.Job.Result.GetValueOrDefault(figure) ?? double.NaN)).OrderBy(static p => p.Item1)])),
            ])
        {
            XScale = AxisScale.Logarithmic,
            YUnit = IsShare(figure) ? AxisUnit.Share : AxisUnit.Plain,
        };
    }
}
