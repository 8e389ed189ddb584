using Differential.Core.Decisions;
using Differential.Core.Numerics;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Train;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Compare;

/// <summary>The <c>report.html</c> of a comparison.</summary>
internal static class CompareReport
{
    public static void Write(ReportedRun context, IReadOnlyList<ComparedPart> models, CompareOutcome outcome)
    {
        string[] names = [.. models.Select(m => m.Run.Name).Distinct()];
        string[] labels = [.. models.Select(m => m.Run.Label)];
        string margin = models[0].Trained.Outcome.MarginName();
        bool hasTest = models[0].Trained.TestMargins.Count > 0;
        bool lossesAlone = ((CompareSpec)context.Spec).Entries is null;
        ReportPage page = JobPage.Start(context, "Comparison of losses").Section(
            null,
            lossesAlone
                ? "Every network has the same layers, for each seed the same initial weights, and a threshold fitted in the same way."
                : "Every network has a threshold fitted in the same way.",
            new TableBlock(
                "Networks",
                ["loss", "training accuracy", "test accuracy", $"smallest {margin}", "threshold"],
                [
                    .. models.Select(m => (IReadOnlyList<Cell>)
                    [
                        new Cell(m.Run.Label), Cell.Percent(m.Trained.Outcome.Train.Accuracy), Cell.Percent(m.Trained.Outcome.Test.Accuracy),
                        Cell.Of(m.Trained.Outcome.ScoreMargin), TrainCharts.Threshold(m.Trained.Outcome),
                    ]),
                ]),
            new TableBlock(
                "Flip rates and median distances",
                ["attack", "norm", "budget", "samples", .. names],
                [.. outcome.Comparison.Select(r => Row(r, names))]));
        foreach (string split in outcome.Comparison.Select(r => r.Split).Distinct())
        {
            page.Section(
                $"Flip rate against budget, {split} samples",
                models.Count > names.Length ? "Means of the seeds." : null,
                [.. AttackCharts.FlipCurves([.. models.SelectMany(m => m.Attacks.Where(a => a.Split == split).Select(a => (m.Run.Name, a.Result)))])]);
        }

        if (outcome.Selection is { } selection)
        {
            FrontierReport.Write(page, selection);
        }

        EqualAccuracy(page, outcome, names);
        AttackCharts.Brackets(page, [.. models.SelectMany(m => m.Attacks.Select(a => ($"{m.Run.Label}, {a.Split}", m.Evaluated.Brackets[a.Split])))]);
        AttackCharts.Checks(page, outcome.Checks);
        TrainCharts.Curves(page, context, labels);
        page.Section(
            "Margins",
            $"{margin} of each {(hasTest ? "test" : "training")} sample: right of 0 is decided correctly.",
            TrainCharts.MarginCurve(context, labels, margin),
            TrainCharts.Margins([.. models.Select(m => (m.Run.Label, hasTest ? m.Trained.TestMargins : m.Trained.TrainMargins))], margin));
        JobPage.Finish(page, context);
    }

    private static void EqualAccuracy(ReportPage page, CompareOutcome outcome, IReadOnlyList<string> names)
    {
        if (outcome.EqualAccuracy is not { } equal)
        {
            return;
        }

        page.Section(
            "Flip rates at equal accuracy",
            $"A network that has learned less is often harder to fool. {equal.Kind}, {equal.Norm.Symbol()} {new Fraction(equal.Epsilon).ToText()}, at most {equal.Samples} test samples, at the accuracy of the least accurate network: interpolated between epochs.",
            new TableBlock(
                null,
                ["", .. names],
                [
                    [new Cell($"at accuracy {Html.Percent(equal.Accuracy)}"), .. names.Select(n => Cell.Percent(equal.FlipRate[n]))],
                    [new Cell("at the end"), .. names.Select(n => Cell.Percent(equal.FinalFlipRate[n]))],
                ]));
    }

    private static IReadOnlyList<Cell> Row(ComparisonRow row, IReadOnlyList<string> names) =>
    [
        new Cell(row.Kind), new Cell(row.Norm.Symbol()), row.Epsilon is double e ? Cell.Budget(e) : new Cell("median distance"), new Cell(row.Split),
        .. names.Select(n => Figure(row, n)),
    ];

    /// <summary>A mean with, over several seeds, its standard deviation.</summary>
    private static Cell Figure(ComparisonRow row, string name)
    {
        Cell mean = row.FlipRate is not null ? Cell.Percent(row.FlipRate[name]) : Cell.Of(row.MedianDistance?[name] ?? double.NaN);
        return row.Spread?[name] is { } spread
            ? new Cell($"{mean.Text} ± {(row.FlipRate is not null ? Html.Percent(spread.StandardDeviation) : Html.Figure(spread.StandardDeviation))}")
            : mean;
    }
}
