using System.Globalization;
using Differential.Core.Theory;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Theory;

/// <summary>The <c>report.html</c> of a theory job.</summary>
internal static class TheoryReport
{
    public static void Write(JobContext context, TheoryResult result)
    {
        ReportPage page = JobPage.Start(context, "Linear theory").Section(
            null,
            "Margins of linear training against the largest one there is (docs/theory.md).",
            new FigureRow(
            [
                (Html.Figure(result.SvmMargin), "largest margin (SVM)"),
                (Html.Figure(result.CrossEntropyLimit), "cross-entropy's limit"),
                (result.BoundaryBound is double bound ? Html.Figure(bound) : "–", "the theorem's bound"),
            ]),
            new TableBlock(
                "Trainings",
                ["training", "margin", "share of the largest", "iterations", "steps to 99 %", "steps to 99.9 %"],
                [
                    .. result.Models.Values.Select(m => (IReadOnlyList<Cell>)
                        [
                        new Cell(m.Name), Cell.Of(m.Margin), Cell.Percent(m.MarginRatio), new Cell(m.Iterations.ToString(CultureInfo.InvariantCulture)),
                        Steps(m.StepsTo99), Steps(m.StepsTo999),
                    ]),
                ]),
            new LineChart(
                "Margin against iterations",
                "iteration",
                "margin",
                [.. result.Models.Values.Select(m => new Series(m.Name, [.. m.Curve.Select(p => ((double)p.Iteration, p.Margin))]))])
            {
                XScale = AxisScale.Logarithmic,
            });
        JobPage.Finish(page, context);
    }

    private static Cell Steps(int? steps) => new(steps?.ToString(CultureInfo.InvariantCulture) ?? "–");
}
