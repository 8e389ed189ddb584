using System.Globalization;
using Differential.Core.Attacks;
using Differential.Core.Decisions;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>The <c>report.html</c> of an attack job.</summary>
internal static class AttackReport
{
    public static void Write(JobContext context, IReadOnlyList<(string Split, SplitAttackResult Result)> splits, EvaluatedPart evaluated, IReadOnlyList<string> notes)
    {
        ReportPage page = JobPage.Start(context, "Attack");
        if (notes.Count > 0)
        {
            page.Section("The model", string.Join(" ", notes));
        }

        foreach ((string split, SplitAttackResult result) in splits)
        {
            page.Section(
                $"{split} samples",
                $"{result.Correct} of {result.Count} decided correctly; {result.Attacked} of these attacked.",
                new TableBlock(null, ["attack", "norm", "budget", "flipped", "flip rate or median distance"], [.. result.Attacks.Select(Row)]));
        }

        page.Section("Flip rate against budget", null, [.. AttackCharts.FlipCurves([.. splits.Select(s => (s.Split, s.Result))])]);
        AttackCharts.Brackets(page, [.. splits.Select(s => (s.Split, evaluated.Brackets[s.Split]))]);
        AttackCharts.Checks(page, evaluated.Checks);
        JobPage.Finish(page, context);
    }

    private static IReadOnlyList<Cell> Row(AttackResult outcome) =>
    [
        new Cell(outcome.Kind), new Cell(outcome.Norm.Symbol()), outcome.Epsilon is double e ? Cell.Budget(e) : new Cell("–"),
        new Cell(outcome.FlippedCount.ToString(CultureInfo.InvariantCulture)),
        outcome.Epsilon is null ? Cell.Of(outcome.DistanceSummary?.Median ?? double.NaN) : Cell.Percent(outcome.FlipRate),
    ];
}
