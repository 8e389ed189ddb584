using Differential.Core.Certificates;
using Differential.Core.Checks;
using Differential.Core.Decisions;
using Differential.Core.Numerics;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Compare;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds;

/// <summary>The sections on the evaluation itself: brackets of the samples' margins, checks, comparison at equal accuracy.</summary>
internal static partial class RunReports
{
    private static void Brackets(ReportPage page, IReadOnlyList<(string Name, IReadOnlyList<MarginBracket> Brackets)> samples)
    {
        var blocks = new List<IReportBlock>
        {
            new TableBlock(
                null,
                ["samples", "norm", "certified, median", "found, median", "certified, 5 %", "found, 5 %", "contradictions"],
                [
                    .. samples.SelectMany(s => s.Brackets.Select(b => (IReadOnlyList<Cell>)
                    [
                        new Cell(s.Name), new Cell(b.Norm.Symbol()), Certified(b.Certified, d => d.Median), Distance(b.Found, d => d.Median),
                        Certified(b.Certified, d => d.P05), Distance(b.Found, d => d.P05),
                        new Cell(b.Crossed.ToString(System.Globalization.CultureInfo.InvariantCulture), b.Crossed == 0 ? CellTone.Plain : CellTone.Warning),
                    ])),
                ]),
        };
        foreach ((string name, IReadOnlyList<MarginBracket> brackets) in samples)
        {
            blocks.AddRange(brackets.Select(b => new HistogramChart(
                $"{name}, {b.Norm.Symbol()}",
                "distance",
                [("certified", Values(b.Certified)), ("found", Values(b.Found))])));
        }

        page.Section(
            "Margins from both sides",
            "Each attacked sample's distance to the boundary lies between the certified one, within which no input is decided otherwise, and the smallest one at which an attack of this run found a flip. Samples that no attack flipped are not in the histogram of the found ones, nor samples without a finite certified distance in that of the certified ones.",
            [.. blocks]);
    }

    private static void Checks(ReportPage page, IReadOnlyList<CheckLine> checks)
    {
        if (checks.Count == 0)
        {
            return;
        }

        bool compares = checks.Any(c => c.Model is not null);
        page.Section(
            "Checks of the evaluation",
            string.Join(" ", checks.GroupBy(c => (c.Model, c.On)).Select(g => g.Key.Model is null ? g.Key.On : $"{g.Key.Model}: {g.Key.On}")),
            new TableBlock(
                null,
                [.. compares ? (string[])["network", "check"] : ["check"], "status", "what came out"],
                [
                    .. checks.Select(c => (IReadOnlyList<Cell>)
                    [
                        .. c.Model is null ? (Cell[])[] : [new Cell(c.Model)],
                        new Cell(c.Name),
                        c.Status == CheckStatus.Passed ? new Cell("passed", CellTone.Good) : new Cell("warned", CellTone.Warning),
                        new Cell(c.Text, CellTone.Text),
                    ]),
                ]));
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

    /// <summary>A mean with, over several seeds, its standard deviation.</summary>
    private static Cell Figure(ComparisonRow row, string name)
    {
        Cell mean = row.FlipRate is not null ? Cell.Percent(row.FlipRate[name]) : Cell.Of(row.MedianDistance?[name] ?? double.NaN);
        return row.Spread?[name] is { } spread
            ? new Cell($"{mean.Text} ± {(row.FlipRate is not null ? Html.Percent(spread.StandardDeviation) : Html.Figure(spread.StandardDeviation))}")
            : mean;
    }

    /// <summary>A dash where no certificate was asked for, "none" where none is available, "∞" where no input flips.</summary>
    private static Cell Certified(IReadOnlyList<double?> distances, Func<CertifiedSummary, double?> figure) => CertifiedSummary.From(distances) switch
    {
        null => new Cell("–"),
        { } summary when summary.Asked == summary.NotAvailable => new Cell("none"),
        { } summary => figure(summary) is double value ? Cell.Of(value) : new Cell("∞"),
    };

    private static Cell Distance(IReadOnlyList<double?> distances, Func<DistanceSummary, double?> figure) =>
        distances.All(d => d is null) ? new Cell("–") : Cell.Of(figure(DistanceSummary.From(distances)) ?? double.NaN);

    private static IReadOnlyList<double> Values(IReadOnlyList<double?> distances) => [.. distances.Where(d => d is double value && double.IsFinite(value)).Select(d => d!.Value)];
}
