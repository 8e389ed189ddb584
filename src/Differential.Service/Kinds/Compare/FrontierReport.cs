using System.Globalization;
using Differential.Core.Decisions;
using Differential.Core.Numerics;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Compare;

/// <summary>The settings of each loss in the report: a table, and the curves of accuracy against certified and attacked accuracy.</summary>
internal static class FrontierReport
{
    public static void Write(ReportPage page, Selection selection)
    {
        string budget = string.Create(CultureInfo.InvariantCulture, $"{selection.Norm.Symbol()} {new Fraction(selection.Epsilon).ToText()}");
        page.Section(
            "Settings and the frontier",
            $"Of each loss the setting with the largest {CandidateText.NameOf(selection.Figure)} at {budget} on held-out samples, in the mean of its seeds, is the one that this page reports. Test samples decide nothing. Certified here is margin over Lipschitz constant, robust is against PGD of 20 steps; both are shares of all samples. Each point is the mean of a setting's seeds, the band their range. A loss is ahead only where its curve is above the other's at equal accuracy.",
            [new TableBlock(
                null,
                ["loss", "setting", "", "held-out accuracy", $"held-out {CandidateText.NameOf(selection.Figure)}", "test accuracy", "test certified", "test robust"],
                [.. selection.Candidates.Select(candidate => Row(candidate, selection))]),
            Chart(selection, $"Certified accuracy at {budget}", figures => figures.CertifiedAccuracy),
            Chart(selection, $"Attacked accuracy at {budget}", figures => figures.RobustAccuracy),
            .. selection.Differences.Count > 0 ? (TableBlock[])[Differences(selection)] : []]);
    }

    private static TableBlock Differences(Selection selection) => new(
        "The curves at equal accuracy",
        ["held-out accuracy at least", "", "settings", "test certified", "test robust", "test accuracy"],
        [
            .. selection.Differences.Select(static row => (IReadOnlyList<Cell>)
            [
                Cell.Percent(row.HeldOutAccuracy),
                new Cell($"{row.Network} less {row.Other}"),
                new Cell($"{row.Setting} – {row.OtherSetting}"),
                DifferenceTable.Cell(row.CertifiedAccuracy),
                DifferenceTable.Cell(row.RobustAccuracy),
                DifferenceTable.Cell(row.Accuracy),
            ]),
        ])
    {
        Note = "In percentage points, with the interval of 95 %. Of each loss the setting that is selected among those that reach the accuracy on held-out samples; up to the highest accuracy that both losses reach.",
    };

    private static IReadOnlyList<Cell> Row(Candidate candidate, Selection selection) =>
    [
        new Cell(candidate.Name),
        new Cell(CandidateText.Of(candidate.Loss)),
        candidate.Picked ? new Cell("selected", CellTone.Good) : new Cell(string.Empty),
        Mean(candidate, run => run.Validation.Accuracy),
        Mean(candidate, run => run.Validation.Of(selection.Figure)),
        Mean(candidate, run => run.Test.Accuracy),
        Mean(candidate, run => run.Test.CertifiedAccuracy),
        Mean(candidate, run => run.Test.RobustAccuracy),
    ];

    private static Cell Mean(Candidate candidate, Func<CandidateRun, double?> figure) =>
        Cell.Percent(candidate.Runs.All(run => figure(run) is not null) ? candidate.Runs.Average(run => figure(run)!.Value) : null);

    private static LineChart Chart(Selection selection, string title, Func<FrontierFigures, double?> figure) => new(
        title,
        "test accuracy",
        "share of all test samples",
        [.. selection.Candidates.GroupBy(candidate => candidate.Name).Select(loss => Curve(loss.Key, [.. loss], figure))]);

    private static Series Curve(string name, IReadOnlyList<Candidate> settings, Func<FrontierFigures, double?> figure)
    {
        (double X, double[] Y)[] points =
        [
            .. settings.Select(candidate => (
                candidate.Runs.Average(run => run.Test.Accuracy),
                candidate.Runs.Select(run => figure(run.Test) ?? double.NaN).ToArray())).OrderBy(point => point.Item1),
        ];
        return new Series(name, [.. points.Select(point => (point.X, point.Y.Average()))])
        {
            Band = [.. points.Select(point => (point.X, point.Y.Min(), point.Y.Max()))],
        };
    }
}
