using Differential.Core.Attacks;
using Differential.Core.Decisions;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>The <c>report.html</c> of an attack job.</summary>
internal static class AttackReport
{
    /// <param name="context">The job.</param>
    /// <param name="outcome">What result.json holds.</param>
    /// <param name="splits">The runs.</param>
    /// <param name="evaluated">Their brackets.</param>
    /// <param name="isImages">Whether the samples are images.</param>
    /// <param name="pictures">The smallest flips.</param>
    public static void Write(
        JobContext context, AttackJobOutcome outcome, IReadOnlyList<(string Split, SplitAttackResult Result)> splits, EvaluatedPart evaluated, bool isImages, PartPictures pictures)
    {
        RobustLine[] lines = [.. outcome.Splits.SelectMany(static s => RobustLine.Of(s.Key, s.Value))];
        ReportPage page = JobPage.Start(
            context,
            "Attack",
            [RobustVerdict.Sentence(RobustVerdict.Telling(lines)), .. RobustVerdict.Checked(outcome.Checks) is { } told ? (string[])[told] : []],
            RobustVerdict.Warnings(outcome.Checks));
        if (outcome.Notes.Count > 0)
        {
            page.Section("The model", string.Join(" ", outcome.Notes));
        }

        page.Section(
            null,
            string.Join(" ", splits.Select(static s => $"Of {s.Result.Count} {s.Split} samples {s.Result.Correct} are decided correctly; {s.Result.Attacked} of these were attacked.")),
            [.. lines.Length > 0 ? (IReportBlock[])[AttackCharts.RobustTable(lines)] : [], .. AttackCharts.RobustCurves(lines, isImages), .. Rates(splits), .. Distances(splits)]);
        AttackCharts.FlipCurves(page, "Flip rate against budget", null, [.. splits.Select(s => new AttackedRun(s.Split, s.Result, evaluated.Brackets[s.Split]))], isImages);
        ExamplePictures.Write(page, [(null, pictures)], pictures.Plane is { } plane ? [plane] : []);
        Classes(page, [.. outcome.Splits.Select(static s => (s.Key, (SplitFigures)s.Value))]);
        AttackCharts.Brackets(page, [.. splits.Select(s => ("network", s.Split, evaluated.Brackets[s.Split]))], isImages);
        AttackCharts.Checks(page, outcome.Checks);
        JobPage.Finish(page, context);
    }

    /// <summary>Who is taken for whom, and the figures of each class.</summary>
    public static void Classes(ReportPage page, IReadOnlyList<(string Name, SplitFigures Figures)> splits)
    {
        (string Name, SplitFigures Figures)[] known = [.. splits.Where(static split => split.Figures.PerClass is not null)];
        if (known.Length == 0)
        {
            return;
        }

        string[] names = [.. known[0].Figures.PerClass!.Select(static row => row.Class)];
        bool isBinary = names.Length == 2;
        page.Section(
            "Classes",
            null,
            [
                new TableBlock(
                    null,
                    ["samples", "count", "accuracy", "95 %", "balanced accuracy", "AUC", .. isBinary ? (string[])["true positives", "false positives"] : [], .. names],
                    [
                        .. known.Select(split => (IReadOnlyList<Cell>)
                        [
                            new Cell(split.Name), Cell.Count(split.Figures.Count), Cell.Percent(split.Figures.Accuracy), new Cell(Numbers.Shares(split.Figures.AccuracyInterval)),
                            Cell.Percent(split.Figures.BalancedAccuracy), Cell.Of(split.Figures.Auc),
                            .. isBinary ? (Cell[])[Cell.Percent(split.Figures.TruePositiveRate), Cell.Percent(split.Figures.FalsePositiveRate)] : [],
                            .. split.Figures.PerClass!.Select(static row => Cell.Percent(row.Accuracy)),
                        ]),
                    ])
                {
                    Note = isBinary ? $"The last columns: accuracy of each class. Positive is {names[0]}." : "The last columns: accuracy of each class.",
                },
                .. known.Select(split => new MatrixBlock(split.Name, names, [.. split.Figures.PerClass!.Select(row => (IReadOnlyList<int>)[.. row.Decided.Values])])),
            ]);
    }

    private static IEnumerable<IReportBlock> Rates(IReadOnlyList<(string Split, SplitAttackResult Result)> splits)
    {
        IReadOnlyList<Cell>[] rows =
        [
            .. splits.SelectMany(static s => s.Result.Attacks.Where(static a => a.Epsilon is not null).Select(a => (IReadOnlyList<Cell>)
                [new Cell(a.Kind), new Cell(a.Norm.Symbol()), Cell.Budget(a.Epsilon), new Cell(s.Split), Cell.Count(a.FlippedCount), Cell.Count(s.Result.Attacked), Cell.Percent(a.FlipRate)])),
        ];
        return rows.Length == 0 ? [] : [new TableBlock("Flip rates", ["attack", "norm", "budget", "samples", "flipped", "attacked", "flip rate"], rows)];
    }

    private static IEnumerable<IReportBlock> Distances(IReadOnlyList<(string Split, SplitAttackResult Result)> splits)
    {
        IReadOnlyList<Cell>[] rows =
        [
            .. splits.SelectMany(static s => s.Result.Attacks.Where(static a => a.DistanceSummary is not null).Select(a => (IReadOnlyList<Cell>)
                [new Cell(a.Kind), new Cell(a.Norm.Symbol()), new Cell(s.Split), Cell.Of(a.DistanceSummary!.P05), Cell.Of(a.DistanceSummary.Median), Cell.Of(a.DistanceSummary.P95), Cell.Count(a.DistanceSummary.NotFound)])),
        ];
        return rows.Length == 0 ? [] : [new TableBlock("Distances of the smallest flips", ["attack", "norm", "samples", "5 %", "median", "95 %", "not found"], rows)];
    }
}
