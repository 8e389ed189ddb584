using System.Globalization;
using Differential.Service.Jobs.Results;
using Differential.Service.Jobs.Running;

namespace Differential.Service.Progress;

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
            case TheoryOutcome theory:
                Theory(theory, output);
                break;
        }

        output.WriteLine();
        output.WriteLine($"Run: {report.Folder}");
        output.WriteLine($"Report: {Path.Combine(report.Folder, "report.html")}");
    }

    private static void Train(IEnumerable<(string Name, TrainOutcome Outcome)> models, TextWriter output) => Table(
        output,
        ["network", "train accuracy", "test accuracy", "smallest y·score", "median y·score (test)", "threshold", "images/s"],
        models.Select(m => new[]
        {
            m.Name, Share(m.Outcome.Train.Accuracy), Share(m.Outcome.Test.Accuracy), Figure(m.Outcome.ScoreMargin),
            Figure(m.Outcome.Margins["test"].P50), Figure(m.Outcome.Threshold), Number(m.Outcome.ImagesPerSecond, "0"),
        }));

    private static void Attack(AttackJobOutcome attack, TextWriter output) => Table(
        output,
        ["attack", "norm", "budget", "samples", "attacked", "flip rate", "median distance"],
        attack.Splits.SelectMany(s => s.Value.Attacks.Select(a => new[]
        {
            a.Kind, Norm(a.Norm), Figure(a.Epsilon), s.Key, Number(s.Value.Attacked, "0"), Share(a.FlipRate), Figure(a.Distance?.Median),
        })));

    private static void Compare(CompareOutcome compare, TextWriter output)
    {
        Train(compare.Models.Select(m => (m.Name, (TrainOutcome)m)), output);
        output.WriteLine();
        string[] names = [.. compare.Models.Select(m => m.Name)];
        Table(
            output,
            ["flip rate of", "norm", "budget", "samples", .. names],
            compare.Comparison.Where(r => r.FlipRate is not null).Select(r => (string[])
                [r.Kind, Norm(r.Norm), Figure(r.Epsilon), r.Split, .. names.Select(n => Share(r.FlipRate![n]))]));
        if (compare.Comparison.Any(r => r.MedianDistance is not null))
        {
            output.WriteLine();
            Table(
                output,
                ["median distance of", "norm", "samples", .. names],
                compare.Comparison.Where(r => r.MedianDistance is not null).Select(r => (string[])
                    [r.Kind, Norm(r.Norm), r.Split, .. names.Select(n => Figure(r.MedianDistance![n]))]));
        }
    }

    private static void Theory(TheoryOutcome theory, TextWriter output)
    {
        output.WriteLine($"Largest margin (SVM): {Figure(theory.SvmMargin)}");
        output.WriteLine($"Cross-entropy's limit: {Figure(theory.CrossEntropyLimit)}; the theorem's bound: {Figure(theory.BoundaryBound)}");
        output.WriteLine();
        Table(
            output,
            ["training", "margin", "share of the largest", "iterations"],
            theory.Models.Select(m => new[] { m.Key, Figure(m.Value.Margin), Share(m.Value.MarginRatio), Number(m.Value.Iterations, "0") }));
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

    private static string Norm(Core.Attacks.AttackNorm norm) => norm == Core.Attacks.AttackNorm.L2 ? "L2" : "Linf";

    private static string Share(double? share) => share is double value && double.IsFinite(value) ? Number(100 * value, "0.0") + " %" : "-";

    private static string Figure(double? value) => value is double number && double.IsFinite(number) ? Number(number, "0.####") : "-";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
