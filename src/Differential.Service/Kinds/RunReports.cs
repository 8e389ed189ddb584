using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core.Attacks;
using Differential.Core.Decisions;
using Differential.Core.Files;
using Differential.Core.Theory;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Compare;
using Differential.Service.Kinds.Train;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds;

/// <summary>The <c>report.html</c> of each kind of job, put together from the building blocks.</summary>
internal static partial class RunReports
{
    public static void Train(JobContext context, TrainedPart part)
    {
        TrainOutcome outcome = part.Outcome;
        ReportPage page = Page(context, "Training").Section(
            null,
            null,
            new FigureRow(
            [
                (Html.Percent(outcome.Test.Accuracy), "test accuracy"),
                (Html.Percent(outcome.Train.Accuracy), "training accuracy"),
                (Html.Figure(outcome.ScoreMargin), $"smallest {MarginName(outcome)}, training"),
                (Html.Figure(outcome.Loss), "last epoch's loss"),
            ]));
        Curves(page, context, [null]);
        page.Section(
            "Margins",
            $"{MarginName(outcome)} of each sample: right of 0 is decided correctly.",
            MarginCurve(context, [null], MarginName(outcome)),
            Margins([("training", part.TrainMargins), ("test", part.TestMargins)], MarginName(outcome)));
        Finish(page, context);
    }

    public static void Attack(JobContext context, IReadOnlyList<(string Split, SplitAttackResult Result)> splits, EvaluatedPart evaluated)
    {
        ReportPage page = Page(context, "Attack");
        foreach ((string split, SplitAttackResult result) in splits)
        {
            page.Section(
                $"{split} samples",
                $"{result.Correct} of {result.Count} decided correctly; {result.Attacked} of these attacked.",
                new TableBlock(null, ["attack", "norm", "budget", "flipped", "flip rate or median distance"], [.. result.Attacks.Select(Row)]));
        }

        page.Section("Flip rate against budget", null, [.. FlipCurves([.. splits.Select(s => (s.Split, s.Result))])]);
        Brackets(page, [.. splits.Select(s => (s.Split, evaluated.Brackets[s.Split]))]);
        Checks(page, evaluated.Checks);
        Finish(page, context);
    }

    public static void Compare(JobContext context, IReadOnlyList<ComparedPart> models, CompareOutcome outcome)
    {
        string[] names = [.. models.Select(m => m.Run.Name).Distinct()];
        string[] labels = [.. models.Select(m => m.Run.Label)];
        string margin = MarginName(models[0].Trained.Outcome);
        bool lossesAlone = ((CompareSpec)context.Spec).Entries is null;
        ReportPage page = Page(context, "Comparison of losses").Section(
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
                        Cell.Of(m.Trained.Outcome.ScoreMargin), Threshold(m.Trained.Outcome),
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
                [.. FlipCurves([.. models.SelectMany(m => m.Attacks.Where(a => a.Split == split).Select(a => (m.Run.Name, a.Result)))])]);
        }

        EqualAccuracy(page, outcome, names);
        Brackets(page, [.. models.SelectMany(m => m.Attacks.Select(a => ($"{m.Run.Label}, {a.Split}", m.Evaluated.Brackets[a.Split])))]);
        Checks(page, outcome.Checks);
        Curves(page, context, labels);
        page.Section(
            "Margins",
            $"{margin} of each test sample: right of 0 is decided correctly.",
            MarginCurve(context, labels, margin),
            Margins([.. models.Select(m => (m.Run.Label, m.Trained.TestMargins))], margin));
        Finish(page, context);
    }

    public static void Theory(JobContext context, TheoryResult result)
    {
        ReportPage page = Page(context, "Linear theory").Section(
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
        Finish(page, context);
    }

    private static ReportPage Page(JobContext context, string kind) => new(
        context.Spec.Name ?? kind,
        string.Create(CultureInfo.InvariantCulture, $"{kind} {context.Id}, seed {context.Spec.Seed}, {context.Device.Info.Id} ({context.Device.Info.Name}){Products(context.Spec)}"));

    /// <summary>What matrix products were rounded to, where they were.</summary>
    internal static string Products(JobSpec spec) =>
        spec.Precision == MatrixPrecision.Float32 ? string.Empty : $", matrix products in {DeviceOpener.NameOf(spec.Precision)}";

    private static void Finish(ReportPage page, JobContext context)
    {
        page.Section("The job", null, new TextBlock(null, JsonSerializer.Serialize(context.Spec, JobJson.Options)));
        DurableFile.WriteText(context.Folder.Report, page.ToHtml());
    }

    private static void Curves(ReportPage page, JobContext context, string?[] models) => page.Section(
        "Training",
        "Over a part of the samples, but for the last epoch.",
        Chart(context, models, "Loss", "loss", ("loss", "loss")),
        Chart(context, models, "Accuracy", "accuracy", ("trainAccuracy", "training"), ("testAccuracy", "test")) with { Percent = true });

    private static LineChart MarginCurve(JobContext context, string?[] models, string margin) =>
        Chart(context, models, "Smallest margin of the training samples", $"smallest {margin}", ("scoreMargin", "training"));

    /// <summary>What a sample's margin is called: of several scores it is no score times a label.</summary>
    internal static string MarginName(TrainOutcome outcome) => outcome.Thresholds is null ? "y·score" : "margin";

    private static Cell Threshold(TrainOutcome outcome) =>
        outcome.Thresholds is { } thresholds ? new Cell(string.Join(" / ", thresholds.Select(t => Html.Figure(t)))) : Cell.Of(outcome.Threshold ?? double.NaN);

    private static LineChart Chart(JobContext context, string?[] models, string title, string axis, params (string Field, string Label)[] fields) => new(
        title,
        "epoch",
        axis,
        [.. models.SelectMany((model, i) => fields.Select((f, k) => Line(context.Metrics(), model, f.Field, f.Label, k > 0) with { Color = models.Length > 1 ? i : k }))]);

    private static Series Line(IReadOnlyList<JsonObject> metrics, string? model, string field, string label, bool dashed)
    {
        IEnumerable<JsonObject> lines = metrics.Where(l => (string?)l["phase"] == "training" && (string?)l["model"] == model);
        return new Series(
            model is null ? label : $"{model}, {label}",
            [.. lines.Select(l => ((double)l["epoch"]!, (double?)l[field] ?? double.NaN))],
            dashed);
    }

    private static HistogramChart Margins(IReadOnlyList<(string Name, IReadOnlyList<double> Values)> samples, string margin) => new("Margins", margin, samples);

    /// <summary>
    /// A chart for each norm, a line for each kind of attack of each name: the mean of the runs of that name (its seeds), of
    /// several attacks of one kind and budget the one that flips most. Minimum-norm attacks are drawn as their distances' distribution.
    /// </summary>
    private static IEnumerable<LineChart> FlipCurves(IReadOnlyList<(string Name, SplitAttackResult Result)> series)
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

    /// <summary>One run's flip rates by an attack of one kind.</summary>
    private static IEnumerable<(double Budget, double FlipRate)> Points(IReadOnlyList<AttackResult> kind, double[] budgets) => kind[0].Distances is not null
        ? budgets.Select(b => (b, kind[0].FlipRateWithin(b)))
        : kind.GroupBy(o => o.Epsilon!.Value).Select(g => (g.Key, g.Max(o => o.FlipRate))).Prepend((0, 0));

    private static IReadOnlyList<Cell> Row(AttackResult outcome) =>
    [
        new Cell(outcome.Kind), new Cell(outcome.Norm.Symbol()), outcome.Epsilon is double e ? Cell.Budget(e) : new Cell("–"),
        new Cell(outcome.FlippedCount.ToString(CultureInfo.InvariantCulture)),
        outcome.Epsilon is null ? Cell.Of(outcome.DistanceSummary?.Median ?? double.NaN) : Cell.Percent(outcome.FlipRate),
    ];

    private static IReadOnlyList<Cell> Row(ComparisonRow row, IReadOnlyList<string> names) =>
    [
        new Cell(row.Kind), new Cell(row.Norm.Symbol()), row.Epsilon is double e ? Cell.Budget(e) : new Cell("median distance"), new Cell(row.Split),
        .. names.Select(n => Figure(row, n)),
    ];

    private static Cell Steps(int? steps) => new(steps?.ToString(CultureInfo.InvariantCulture) ?? "–");
}
