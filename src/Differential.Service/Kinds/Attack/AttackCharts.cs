using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Checks;
using Differential.Core.Decisions;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Attack;

/// <summary>One network's run on one split, as charts take it; several of one name are its seeds.</summary>
internal sealed record AttackedRun(string Name, SplitAttackResult Result, IReadOnlyList<MarginBracket> Brackets);

/// <summary>Flip rates, robust accuracies, brackets of margins and checks, for the reports of attacks and comparisons.</summary>
internal static class AttackCharts
{
    /// <summary>Distances of a curve at most.</summary>
    private const int CurvePoints = 48;

    /// <summary>Robust and certified accuracy over all samples, a row for each line.</summary>
    public static TableBlock RobustTable(IReadOnlyList<RobustLine> lines)
    {
        bool hasNetworks = lines.Any(static line => line.Network is not null);
        bool isUneven = lines.Any(static line => line.Balanced is not null);
        bool hasSplits = lines.Any(line => line.Split != lines[0].Split);
        return new TableBlock(
            hasSplits ? "Over all samples" : $"Over all {lines[0].Split} samples",
            [
                .. hasNetworks ? (string[])["network"] : [], .. hasSplits ? (string[])["samples"] : [], "norm", "budget", "robust accuracy", "95 %", "certified accuracy",
                .. isUneven ? (string[])["balanced robust", "balanced certified"] : [], "accuracy", "flipped of correct",
            ],
            [
                .. lines.Select(line => (IReadOnlyList<Cell>)
                [
                    .. hasNetworks ? (Cell[])[new Cell(line.Network!)] : [], .. hasSplits ? (Cell[])[new Cell(line.Split)] : [], new Cell(line.Norm.Symbol()), Cell.Budget(line.Epsilon),
                    Cell.Percent(line.RobustAccuracy), new Cell(Numbers.Shares(line.Interval)), Cell.Percent(line.CertifiedAccuracy),
                    .. isUneven ? (Cell[])[Cell.Percent(line.Balanced?.RobustAccuracy), Cell.Percent(line.Balanced?.CertifiedAccuracy)] : [],
                    Cell.Percent(line.Accuracy), Cell.Percent(line.FlipRate),
                ]),
            ])
        {
            Note = "Robust: decided correctly and not flipped by any attack of the job within the budget. Certified: no input within the budget is decided otherwise. Flipped: of the correctly decided samples that were attacked.",
        };
    }

    /// <summary>A chart for each norm, a line for each network: robust accuracy with its interval as a band, certified accuracy dashed.</summary>
    public static IEnumerable<LineChart> RobustCurves(IReadOnlyList<RobustLine> lines, bool isImages)
    {
        foreach (IGrouping<AttackNorm, RobustLine> norm in lines.GroupBy(static line => line.Norm).OrderBy(static group => group.Key))
        {
            var series = new List<Series>();
            foreach ((IGrouping<string, RobustLine> network, int color) in norm.GroupBy(static line => line.Network ?? line.Split).Select(static (group, i) => (group, i)))
            {
                RobustLine[] of = [.. network.OrderBy(static line => line.Epsilon)];
                series.Add(new Series($"{network.Key}, robust", [(0, of[0].Accuracy), .. of.Select(static line => (line.Epsilon, line.RobustAccuracy))])
                {
                    Color = color,
                    Band = [.. of.Select(static line => (line.Epsilon, line.Interval.Low, line.Interval.High))],
                });
                if (of.All(static line => line.CertifiedAccuracy is not null))
                {
                    series.Add(new Series($"{network.Key}, certified", [(0, of[0].Accuracy), .. of.Select(static line => (line.Epsilon, line.CertifiedAccuracy!.Value))], Dashed: true) { Color = color });
                }
            }

            yield return new LineChart($"Robust and certified accuracy, {norm.Key.Symbol()}", Budgets(norm.Key, isImages), "share of all samples", series) { XUnit = Unit(norm.Key, isImages), YUnit = AxisUnit.Share };
        }
    }

    /// <summary>A section of <see cref="FlipCurves(IReadOnlyList{AttackedRun}, bool)"/>, where there are any.</summary>
    public static void FlipCurves(ReportPage page, string title, string? note, IReadOnlyList<AttackedRun> runs, bool isImages)
    {
        LineChart[] charts = [.. FlipCurves(runs, isImages)];
        if (charts.Length > 0)
        {
            page.Section(title, note, charts);
        }
    }

    /// <summary>
    /// A chart for each norm, a line for each kind of attack of each name: the mean of the runs of that name (its seeds) with their range, of
    /// several attacks of one kind and budget the one that flips most. Minimum-norm attacks are drawn as their distances' distribution.
    /// </summary>
    public static IEnumerable<LineChart> FlipCurves(IReadOnlyList<AttackedRun> runs, bool isImages)
    {
        foreach (AttackNorm norm in runs.SelectMany(static run => run.Result.Attacks).Select(static attack => attack.Norm).Distinct().Order())
        {
            var lines = new List<Series>();
            foreach ((IGrouping<string, AttackedRun> named, int color) in runs.GroupBy(static run => run.Name).Select(static (group, i) => (group, i)))
            {
                AttackResult[][] outcomes = [.. named.Select(run => run.Result.Attacks.Where(attack => attack.Norm == norm).ToArray()).Where(static outcome => outcome.Length > 0)];
                double[] budgets = BudgetsOf([.. outcomes.SelectMany(static outcome => outcome)]);
                if (budgets.Length < 2)
                {
                    // No attack has a budget, and none found a flip.
                    continue;
                }

                foreach ((string kind, int number) in outcomes.SelectMany(static outcome => outcome).Select(static outcome => outcome.Kind).Distinct().Select(static (kind, i) => (kind, i)))
                {
                    IReadOnlyList<(double, double)>[] seeds = [.. outcomes.Select(run => (IReadOnlyList<(double, double)>)[.. Points([.. run.Where(outcome => outcome.Kind == kind)], budgets)])];
                    lines.Add(Series.Mean($"{named.Key}, {kind}", seeds, dashed: number > 0) with { Color = color });
                }
            }

            if (lines.Count == 0)
            {
                continue;
            }

            yield return new LineChart($"Flip rate, {norm.Symbol()}", Budgets(norm, isImages), "share of attacked samples", lines) { XUnit = Unit(norm, isImages), YUnit = AxisUnit.Share };
        }
    }

    /// <summary>How far samples lie from the boundary, from both sides: a table, and for each norm the share of samples that is farther than a distance.</summary>
    public static void Brackets(ReportPage page, IReadOnlyList<(string Name, string Split, IReadOnlyList<MarginBracket> Brackets)> samples, bool isImages)
    {
        bool hasSplits = samples.Select(static s => s.Split).Distinct().Skip(1).Any();
        AttackNorm[] norms = [.. samples.SelectMany(static s => s.Brackets).Select(static bracket => bracket.Norm).Distinct().Order()];
        var blocks = new List<IReportBlock>
        {
            new TableBlock(
                "Distances",
                ["network", "samples", "norm", "certified, median", "found, median", "certified, 5 %", "found, 5 %", "contradictions"],
                [
                    .. samples.GroupBy(static s => (s.Name, s.Split)).SelectMany(group => norms.Select(norm =>
                    {
                        MarginBracket[] of = [.. group.SelectMany(static s => s.Brackets).Where(bracket => bracket.Norm == norm)];
                        (double?[] certified, double?[] found, int crossed) = ([.. of.SelectMany(static b => b.Certified)], [.. of.SelectMany(static b => b.Found)], of.Sum(static b => b.Crossed));
                        return (IReadOnlyList<Cell>)
                        [
                            new Cell(group.Key.Name), new Cell(group.Key.Split), new Cell(norm.Symbol()), Certified(certified, static d => d.Median), Distance(found, static d => d.Median),
                            Certified(certified, static d => d.P05), Distance(found, static d => d.P05), new Cell(Numbers.Count(crossed), crossed == 0 ? CellTone.Plain : CellTone.Warning),
                        ];
                    })),
                ]),
        };
        foreach (AttackNorm norm in norms)
        {
            var lines = new List<Series>();
            foreach ((IGrouping<string, (string Name, string Split, IReadOnlyList<MarginBracket> Brackets)> group, int color) in samples
                .GroupBy(s => hasSplits ? $"{s.Name}, {s.Split}" : s.Name).Select(static (group, i) => (group, i)))
            {
                MarginBracket[] of = [.. group.SelectMany(static s => s.Brackets).Where(bracket => bracket.Norm == norm)];
                double?[] certified = [.. of.SelectMany(static b => b.Certified).Where(static d => d is double value && !double.IsNaN(value))];
                if (certified.Length > 0)
                {
                    lines.Add(new Series($"{group.Key}, certified", Beyond(certified), Dashed: true) { Color = color });
                }

                lines.Add(new Series($"{group.Key}, found", Beyond([.. of.SelectMany(static b => b.Found)])) { Color = color });
            }

            lines.RemoveAll(static line => line.Points.Count == 0);
            if (lines.Count > 0)
            {
                blocks.Add(new LineChart($"Samples farther than a distance, {norm.Symbol()}", Distances(norm, isImages), "share of attacked samples", lines) { XScale = AxisScale.Logarithmic, XUnit = Unit(norm, isImages), YUnit = AxisUnit.Share, HasDots = false });
            }
        }

        IEnumerable<string> missing = samples.SelectMany(static s => s.Brackets.Select(b => BracketSummary.Because(b) is { } because ? $" {s.Name}: {because}." : string.Empty)).Distinct();
        page.Section(
            "Margins from both sides",
            string.Concat(missing.Prepend("Each attacked sample's distance to the boundary lies between the certified one, within which no input is decided otherwise, and the smallest one at which an attack of this run found a flip. Of several seeds all samples together.")),
            [.. blocks]);
    }

    public static void Checks(ReportPage page, IReadOnlyList<CheckLine> checks)
    {
        if (checks.Count == 0)
        {
            return;
        }

        bool compares = checks.Any(static c => c.Model is not null);
        page.Section(
            "Checks of the evaluation",
            string.Join(" ", checks.GroupBy(static c => (c.Model, c.On)).Select(static g => g.Key.Model is null ? g.Key.On : $"{g.Key.Model}: {g.Key.On}")),
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
                ])
            {
                Stacks = true,
            });
    }

    internal static string Budgets(AttackNorm norm, bool isImages) => norm == AttackNorm.Linf && isImages ? "budget, n/255" : isImages ? "budget, inputs in [0, 1]" : "budget";

    internal static AxisUnit Unit(AttackNorm norm, bool isImages) => norm == AttackNorm.Linf && isImages ? AxisUnit.Pixels : AxisUnit.Plain;

    private static string Distances(AttackNorm norm, bool isImages) => norm == AttackNorm.Linf && isImages ? "distance, n/255" : "distance";

    /// <summary>The share of samples whose distance is larger: those without one (∞, or no flip found) count as farther than any.</summary>
    internal static IReadOnlyList<(double X, double Y)> Beyond(IReadOnlyList<double?> distances)
    {
        double[] sorted = [.. distances.Select(static distance => distance ?? double.PositiveInfinity).Order()];
        double[] finite = [.. sorted.Where(static distance => double.IsFinite(distance) && distance > 0)];
        if (finite.Length == 0)
        {
            return [];
        }

        int zeros = sorted.Count(static distance => distance <= 0);
        int points = Math.Min(CurvePoints, finite.Length);
        return
        [
            (finite[0], (sorted.Length - zeros) / (double)sorted.Length),
            .. Enumerable.Range(1, points).Select(k => (int)((long)k * finite.Length / points) - 1).Select(i => (finite[i], (sorted.Length - zeros - i - 1) / (double)sorted.Length)),
        ];
    }

    /// <summary>The budgets of a norm's attacks, from 0; where none has one, distances that were found.</summary>
    private static double[] BudgetsOf(IReadOnlyList<AttackResult> outcomes)
    {
        double[] given = [.. outcomes.Select(static outcome => outcome.Epsilon).OfType<double>()];
        double[] found = [.. outcomes.SelectMany(static outcome => outcome.Distances ?? []).OfType<double>().Where(double.IsFinite).Distinct().Order()];
        return [.. (given.Length > 0 ? given : found.Where((_, i) => i % ((found.Length / CurvePoints) + 1) == 0 || i == found.Length - 1)).Append(0).Distinct().Order()];
    }

    /// <summary>One run's flip rates by an attack of one kind.</summary>
    private static IEnumerable<(double Budget, double FlipRate)> Points(IReadOnlyList<AttackResult> kind, double[] budgets) => kind.Count == 0
        ? []
        : kind[0].Distances is not null
            ? budgets.Select(b => (b, kind[0].FlipRateWithin(b)))
            : kind.GroupBy(static o => o.Epsilon!.Value).Select(static g => (g.Key, g.Max(static o => o.FlipRate))).Prepend((0, 0));

    /// <summary>A dash where no certificate was asked for, "none" where none is available, "∞" where no input flips.</summary>
    private static Cell Certified(IReadOnlyList<double?> distances, Func<CertifiedSummary, double?> figure) => CertifiedSummary.From(distances) switch
    {
        null => new Cell(Numbers.Missing),
        { } summary when summary.Asked == summary.NotAvailable => new Cell("none"),
        { } summary => figure(summary) is double value ? Cell.Of(value) : new Cell("∞"),
    };

    private static Cell Distance(IReadOnlyList<double?> distances, Func<DistanceSummary, double?> figure) =>
        distances.All(static d => d is null) ? new Cell(Numbers.Missing) : Cell.Of(figure(DistanceSummary.From(distances)));
}
