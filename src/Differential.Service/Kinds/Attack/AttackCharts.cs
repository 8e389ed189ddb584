using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Checks;
using Differential.Core.Decisions;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Attack;

/// <summary>Flip rates, brackets of margins and checks, for the reports of attacks and comparisons.</summary>
internal static class AttackCharts
{
    /// <summary>
    /// A chart for each norm, a line for each kind of attack of each name: the mean of the runs of that name (its seeds), of
    /// several attacks of one kind and budget the one that flips most. Minimum-norm attacks are drawn as their distances' distribution.
    /// </summary>
    public static IEnumerable<LineChart> FlipCurves(IReadOnlyList<(string Name, SplitAttackResult Result)> series)
    {
        foreach (AttackNorm norm in series.SelectMany(s => s.Result.Attacks).Select(a => a.Norm).Distinct().Order())
        {
            var lines = new List<Series>();
            foreach ((IGrouping<string, SplitAttackResult> runs, int color) in series.GroupBy(s => s.Name, s => s.Result).Select((g, i) => (g, i)))
            {
                AttackResult[][] outcomes = [.. runs.Select(r => r.Attacks.Where(a => a.Norm == norm).ToArray())];
                double[] budgets = [.. outcomes[0].Select(o => o.Epsilon ?? 0).Append(0).Distinct().Order()];
                foreach ((string kind, int number) in outcomes[0].Select(o => o.Kind).Distinct().Select((k, i) => (k, i)))
                {
                    IEnumerable<(double, double)> points = outcomes
                        .SelectMany(run => Points([.. run.Where(o => o.Kind == kind)], budgets))
                        .GroupBy(p => p.Budget, p => p.FlipRate)
                        .Select(g => (g.Key, g.Average()))
                        .OrderBy(p => p.Key);
                    lines.Add(new Series($"{runs.Key}, {kind}", [.. points], Dashed: number > 0) { Color = color });
                }
            }

            yield return new LineChart(norm.Symbol(), "budget (inputs in [0, 1])", "flip rate", lines) { Percent = true };
        }
    }

    public static void Brackets(ReportPage page, IReadOnlyList<(string Name, IReadOnlyList<MarginBracket> Brackets)> samples)
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

        IEnumerable<string> missing = samples.SelectMany(static s => s.Brackets.Select(b => BracketSummary.Because(b) is { } because ? $" {s.Name}: {because}." : string.Empty)).Distinct();
        page.Section(
            "Margins from both sides",
            string.Concat(missing.Prepend("Each attacked sample's distance to the boundary lies between the certified one, within which no input is decided otherwise, and the smallest one at which an attack of this run found a flip. Samples that no attack flipped are not in the histogram of the found ones, nor samples without a finite certified distance in that of the certified ones.")),
            [.. blocks]);
    }

    public static void Checks(ReportPage page, IReadOnlyList<CheckLine> checks)
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

    /// <summary>One run's flip rates by an attack of one kind.</summary>
    private static IEnumerable<(double Budget, double FlipRate)> Points(IReadOnlyList<AttackResult> kind, double[] budgets) => kind[0].Distances is not null
        ? budgets.Select(b => (b, kind[0].FlipRateWithin(b)))
        : kind.GroupBy(o => o.Epsilon!.Value).Select(g => (g.Key, g.Max(o => o.FlipRate))).Prepend((0, 0));

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
