using Differential.Core.Decisions;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Train;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Compare;

/// <summary>The <c>report.html</c> of a comparison.</summary>
internal static class CompareReport
{
    /// <summary>Networks that a row of confusion matrices and planes is drawn for.</summary>
    private const int MostPictured = 4;

    public static void Write(ReportedRun context, IReadOnlyList<ComparedPart> parts, CompareOutcome outcome)
    {
        List<ComparedPart> models = [.. parts];
        var spec = (CompareSpec)context.Spec;
        ComparedPart[] firsts = [.. models.DistinctBy(static m => m.Run.Name)];
        string[] names = [.. firsts.Select(static m => m.Run.Name)];
        int seeds = models.GroupBy(static m => m.Run.Name).Max(static g => g.Count());
        bool isImages = spec.Data.IsImages;
        string[] labels = [.. models.Select(m => seeds > 1 ? $"{m.Run.Name}, seed {m.Run.Seed}" : m.Run.Name)];
        string margin = models[0].Trained.Outcome.MarginName();
        bool hasTest = models[0].Trained.TestMargins.Count > 0;
        RobustLine[] lines = [.. outcome.Robust.SelectMany(RobustComparison.Lines)];
        IReadOnlyList<RobustLine> telling = RobustVerdict.Telling(lines);
        var differences = new DifferenceTable(telling, outcome.Differences);
        ChartedNetwork[] charted = [.. models.GroupBy(static m => m.Run.Name).Select(static g => new ChartedNetwork(g.Key, [.. g.Select(static m => m.Run.Label)]))];
        ReportPage page = JobPage.Start(
            context,
            "Comparison",
            [RobustVerdict.Sentence(telling), .. differences.Sentence() is { } sure ? (string[])[sure] : [], .. RobustVerdict.Checked(outcome.Checks) is { } told ? (string[])[told] : []],
            RobustVerdict.Warnings(outcome.Checks));
        page.Section(
            null,
            spec.Entries is null
                ? "Every network has the same layers, for each seed the same initial weights, and a threshold fitted in the same way."
                : "Every network has a threshold fitted in the same way.",
            [
                .. lines.Length > 0 ? (IReportBlock[])[AttackCharts.RobustTable(lines)] : [],
                .. differences.Blocks(),
                .. outcome.Robust.Select(static row => row.Split).Distinct().SelectMany(split => AttackCharts.RobustCurves([.. lines.Where(line => line.Split == split)], isImages)
                    .Select(chart => outcome.Robust.All(row => row.Split == split) ? chart : chart with { Title = $"{chart.Title}, {split}" })),
                TrainCharts.Networks([.. models.Select((m, i) => (labels[i], m.Trained.Outcome))]),
                .. Rows("Flip rates", outcome.Comparison.Where(static r => r.FlipRate is not null), names),
                .. Rows("Median distances of the smallest flips", outcome.Comparison.Where(static r => r.MedianDistance is not null), names),
            ]);
        foreach (string split in outcome.Comparison.Select(static r => r.Split).Distinct())
        {
            AttackCharts.FlipCurves(
                page,
                $"Flip rate against budget, {split} samples",
                seeds > 1 ? "Means of the seeds, with their range." : null,
                [.. models.SelectMany(m => m.Attacks.Where(a => a.Split == split).Select(a => new AttackedRun(m.Run.Name, a.Result, m.Evaluated.Brackets[split])))],
                isImages);
        }

        if (outcome.Selection is { } selection)
        {
            FrontierReport.Write(page, selection);
        }

        ComparedPart[] pictured = [.. models.Where(static m => m.Pictures is not null).DistinctBy(static m => m.Run.Name)];
        ExamplePictures.Write(
            page,
            [.. pictured.Select(static m => ((string?)m.Run.Name, m.Pictures!))],
            [.. pictured.Where(static m => m.Pictures!.Plane is not null).Take(MostPictured).Select(m => m.Pictures!.Plane! with { Title = $"{labels[models.IndexOf(m)]}, {m.Pictures.Plane.Title}" })]);
        EqualAccuracy(page, outcome, names);
        AttackReport.Classes(page, [.. firsts.Take(MostPictured).Select(m => ($"{labels[models.IndexOf(m)]}, {(hasTest ? "test" : "training")}", (SplitFigures)(hasTest ? m.Trained.Outcome.Test : m.Trained.Outcome.Train)))]);
        AttackCharts.Brackets(page, [.. models.SelectMany(m => m.Attacks.Select(a => (m.Run.Name, a.Split, m.Evaluated.Brackets[a.Split])))], isImages);
        TrainCharts.Theorem(page, [.. models.Select((m, i) => (labels[i], m.Trained.Outcome))]);
        AttackCharts.Checks(page, outcome.Checks);
        TrainCharts.Curves(page, context, charted);
        page.Section(
            "Margins",
            $"{margin} of each {(hasTest ? "test" : "training")} sample{(seeds > 1 ? " of all seeds" : string.Empty)}: right of 0 is decided correctly.",
            TrainCharts.MarginCurve(context, charted, margin),
            TrainCharts.Margins(
                [.. models.GroupBy(static m => m.Run.Name).Select(g => (g.Key, (IReadOnlyList<double>)[.. g.SelectMany(m => hasTest ? m.Trained.TestMargins : m.Trained.TrainMargins)]))], margin));
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
            $"A network that has learned less is often harder to fool. {equal.Kind}, {equal.Norm.Symbol()} {Numbers.Budget(equal.Epsilon)}, at most {equal.Samples} test samples, at the accuracy of the least accurate network: interpolated between epochs.",
            new TableBlock(
                null,
                ["", .. names],
                [
                    [new Cell($"at accuracy {Numbers.Share(equal.Accuracy)}"), .. names.Select(n => Cell.Percent(equal.FlipRate[n]))],
                    [new Cell("at the end"), .. names.Select(n => Cell.Percent(equal.FinalFlipRate[n]))],
                ]));
    }

    /// <summary>A table of rates, or one of distances: never both in one column.</summary>
    private static IEnumerable<IReportBlock> Rows(string title, IEnumerable<ComparisonRow> comparison, IReadOnlyList<string> names)
    {
        ComparisonRow[] rows = [.. comparison];
        bool hasBudget = rows.Any(static row => row.Epsilon is not null);
        return rows.Length == 0
            ? []
            :
            [
                new TableBlock(
                    title,
                    ["attack", "norm", .. hasBudget ? (string[])["budget"] : [], "samples", .. names],
                    [
                        .. rows.Select(row => (IReadOnlyList<Cell>)
                        [
                            new Cell(row.Kind), new Cell(row.Norm.Symbol()), .. hasBudget ? (Cell[])[Cell.Budget(row.Epsilon)] : [], new Cell(row.Split),
                            .. names.Select(name => Figure(row, name)),
                        ]),
                    ]),
            ];
    }

    /// <summary>A mean with, over several seeds, its standard deviation.</summary>
    private static Cell Figure(ComparisonRow row, string name)
    {
        Cell mean = row.FlipRate is not null ? Cell.Percent(row.FlipRate[name]) : Cell.Of(row.MedianDistance?[name]);
        return row.Spread?[name] is { } spread
            ? mean with { Text = $"{mean.Text} ± {(row.FlipRate is not null ? Numbers.Share(spread.StandardDeviation) : Numbers.Figure(spread.StandardDeviation))}" }
            : mean;
    }
}
