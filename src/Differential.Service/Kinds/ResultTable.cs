using System.Globalization;
using Differential.Core.Checks;
using Differential.Core.Numerics;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Compare;
using Differential.Service.Kinds.Sweep;
using Differential.Service.Kinds.Theory;
using Differential.Service.Kinds.Train;
using Differential.Service.Runs;

namespace Differential.Service.Kinds;

/// <summary>What a finished job prints on standard output: its figures as plain text tables, and where the files are.</summary>
internal static class ResultTable
{
    public static void Write(JobReport report, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(report);
        switch (report.Outcome)
        {
            case CompareOutcome compare:
                Compare(compare, output);
                break;
            case TrainOutcome train:
                Train([("network", train)], output);
                break;
            case AttackJobOutcome attack:
                Attack(attack, output);
                break;
            case SweepOutcome sweep:
                Sweep(sweep, output);
                break;
            case TheoryOutcome theory:
                Theory(theory, output);
                break;
        }

        output.WriteLine();
        output.WriteLine($"Run: {report.Folder}");
        output.WriteLine($"Report: {Path.Combine(report.Folder, "report.html")}");
    }

    private static void Train(IReadOnlyList<(string Name, TrainOutcome Outcome)> models, TextWriter output)
    {
        string margin = RunReports.MarginName(models[0].Outcome);
        Table(
            output,
            ["network", "train accuracy", "test accuracy", $"smallest {margin}", $"median {margin} (test)", "threshold", "images/s"],
            models.Select(m => new[]
            {
                m.Name, Share(m.Outcome.Train.Accuracy), Share(m.Outcome.Test.Accuracy), Figure(m.Outcome.ScoreMargin),
                Figure(m.Outcome.Margins["test"].P50), m.Outcome.Thresholds is { } own ? string.Join(" / ", own.Select(t => Figure(t))) : Figure(m.Outcome.Threshold), Number(m.Outcome.ImagesPerSecond, "0"),
            }));
    }

    private static void Attack(AttackJobOutcome attack, TextWriter output)
    {
        Table(
            output,
            ["attack", "norm", "budget", "samples", "attacked", "flip rate", "median distance"],
            attack.Splits.SelectMany(s => s.Value.Attacks.Select(a => new[]
            {
                a.Kind, a.Norm.ToString(), Budget(a.Epsilon), s.Key, Number(s.Value.Attacked, "0"), Share(a.FlipRate), Figure(a.Distance?.Median),
            })));
        Checks(attack.Checks, output);
    }

    /// <summary>How many checks passed, and what the others say.</summary>
    private static void Checks(IReadOnlyList<CheckLine> checks, TextWriter output)
    {
        if (checks.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"Checks of the evaluation: {Number(checks.Count(c => c.Status == CheckStatus.Passed), "0")} of {Number(checks.Count, "0")} passed");
        foreach (CheckLine check in checks.Where(c => c.Status == CheckStatus.Warned))
        {
            output.WriteLine($"Warning, {(check.Model is null ? string.Empty : check.Model + ", ")}{check.Name}: {check.Text}");
        }
    }

    private static void Compare(CompareOutcome compare, TextWriter output)
    {
        bool hasSeeds = compare.Models.Any(m => m.Seed != compare.Models[0].Seed);
        Train([.. compare.Models.Select(m => (hasSeeds ? $"{m.Name}, seed {Number(m.Seed, "0")}" : m.Name, (TrainOutcome)m))], output);
        output.WriteLine();
        string[] names = [.. compare.Models.Select(m => m.Name).Distinct()];
        Table(
            output,
            ["flip rate of", "norm", "budget", "samples", .. names],
            compare.Comparison.Where(r => r.FlipRate is not null).Select(r => (string[])
                [r.Kind, r.Norm.ToString(), Budget(r.Epsilon), r.Split, .. names.Select(n => Share(r.FlipRate![n]))]));
        if (compare.Comparison.Any(r => r.MedianDistance is not null))
        {
            output.WriteLine();
            Table(
                output,
                ["median distance of", "norm", "samples", .. names],
                compare.Comparison.Where(r => r.MedianDistance is not null).Select(r => (string[])
                    [r.Kind, r.Norm.ToString(), r.Split, .. names.Select(n => Figure(r.MedianDistance![n]))]));
        }

        if (compare.EqualAccuracy is { } equal)
        {
            output.WriteLine();
            Table(
                output,
                [$"{equal.Kind} {equal.Norm} {Budget(equal.Epsilon)}", .. names],
                [
                    [$"at accuracy {Share(equal.Accuracy)}", .. names.Select(n => Share(equal.FlipRate[n]))],
                    ["at the end", .. names.Select(n => Share(equal.FinalFlipRate[n]))],
                ]);
        }

        Checks(compare.Checks, output);
    }

    private static void Theory(TheoryOutcome theory, TextWriter output)
    {
        output.WriteLine($"Largest margin (SVM): {Figure(theory.SvmMargin)}");
        output.WriteLine($"Cross-entropy's limit: {Figure(theory.CrossEntropyLimit)}; the theorem's bound: {Figure(theory.BoundaryBound)}");
        output.WriteLine();
        Table(
            output,
            ["training", "margin", "share of the largest", "iterations", "to 99 %", "to 99.9 %"],
            theory.Models.Select(m => new[] { m.Key, Figure(m.Value.Margin), Share(m.Value.MarginRatio), Number(m.Value.Iterations, "0"), Figure(m.Value.StepsTo99), Figure(m.Value.StepsTo999) }));
    }

    private static void Sweep(SweepOutcome sweep, TextWriter output)
    {
        string[] fields = [.. sweep.Jobs[0].Fields.Keys];
        string[] figures = SweepReport.Figures(sweep);
        Table(
            output,
            ["job", .. fields, "status", .. figures],
            sweep.Jobs.Select(j => (string[])
                [Number(j.Number, "0"), .. fields.Select(f => SweepReport.Text(j.Fields[f])), j.Status.ToText(), .. figures.Select(f => Figure(j.Result.GetValueOrDefault(f)))]));
        foreach (SweepRow failed in sweep.Jobs.Where(j => j.Error is not null))
        {
            output.WriteLine($"{failed.Number}: {failed.Error}");
        }
    }

    private static void Table(TextWriter output, string[] heading, IEnumerable<string[]> rows)
    {
        string[][] lines = [heading, .. rows];
        int[] widths = [.. heading.Select((_, column) => lines.Max(l => l[column].Length))];
        foreach (string[] line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((text, column) => column == 0 ? text.PadRight(widths[0]) : text.PadLeft(widths[column]))).TrimEnd());
        }
    }

    private static string Share(double? share) => share is double value && double.IsFinite(value) ? Number(100 * value, "0.0") + " %" : "-";

    private static string Budget(double? epsilon) => epsilon is double value ? new Fraction(value).ToText() : "-";

    private static string Figure(double? value) => value is double number && double.IsFinite(number) ? Number(number, "0.####") : "-";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
