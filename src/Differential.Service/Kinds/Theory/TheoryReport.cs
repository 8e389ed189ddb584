using Differential.Core.Theory;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Theory;

/// <summary>The <c>report.html</c> of a theory job.</summary>
internal static class TheoryReport
{
    public static void Write(JobContext context, TheoryResult result)
    {
        ReportPage page = JobPage.Start(context, "Linear theory", Verdict(result), []).Section(
            null,
            "Margins of linear training against the largest one there is (docs/theory.md).",
            new FigureRow(
            [
                (Numbers.Figure(result.SvmMargin), "largest margin γ (SVM)"),
                (Numbers.Figure(result.CrossEntropyLimit), "cross-entropy's limit"),
                (Numbers.Figure(result.BoundaryBound), "the theorem's bound"),
            ]),
            new TableBlock(
                "Trainings",
                ["training", "margin", "share of γ", "iterations", "steps to 99 %", "steps to 99.9 %"],
                [
                    .. result.Models.Values.Select(m => (IReadOnlyList<Cell>)
                        [new Cell(m.Name), Cell.Of(m.Margin), Cell.Percent(m.MarginRatio), Cell.Count(m.Iterations), Steps(m.StepsTo99), Steps(m.StepsTo999)]),
                ]),
            new LineChart(
                "Margin against iterations, from where the classes are separated",
                "iteration",
                "margin",
                [.. result.Models.Values.Select(m => new Series(m.Name, [.. m.Curve.Where(p => p.Margin > 0).Select(p => ((double)p.Iteration, p.Margin))]))])
            {
                XScale = AxisScale.Logarithmic,
                HasDots = false,
                References =
                [
                    ("γ", result.SvmMargin), ("cross-entropy's limit", result.CrossEntropyLimit), .. result.BoundaryBound is { } bound ? ((string, double)[])[("bound", bound)] : [],
                ],
            });
        JobPage.Finish(page, context);
    }

    private static IReadOnlyList<string> Verdict(TheoryResult result)
    {
        double limit = result.CrossEntropyLimit / result.SvmMargin;
        string first = limit > 0.99
            ? $"On these points the theorem makes no difference: cross-entropy's training converges to {Numbers.Share(limit)} of the largest margin γ = {Numbers.Figure(result.SvmMargin)}."
            : $"On these points cross-entropy's training converges to {Numbers.Share(limit)} of the largest margin γ = {Numbers.Figure(result.SvmMargin)}, whatever it is trained for.";
        TheoryModel? best = result.Models.GetValueOrDefault(TheoryExperiment.Differential);
        return best is null
            ? [first]
            : [first, $"Differential training reached {Numbers.Share(best.MarginRatio)} of γ in {Numbers.Count(best.Iterations)} steps{(best.StepsTo99 is { } steps ? $", 99 % after {Numbers.Count(steps)}" : string.Empty)}. Both limits are computed exactly; nothing here is an estimate from samples."];
    }

    private static Cell Steps(int? steps) => steps is { } count ? Cell.Count(count) : new Cell(Numbers.Missing);
}
