using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Train;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Compare;

/// <summary>A comparison on standard output.</summary>
internal static class CompareTable
{
    public static void Write(CompareOutcome compare, TextWriter output)
    {
        RobustLine[] lines = [.. compare.Robust.SelectMany(RobustComparison.Lines)];
        RobustTable.Write(lines, output);
        new DifferenceTable(RobustVerdict.Telling(lines), compare.Differences).Write(output);
        bool hasSeeds = compare.Models.Any(m => m.Seed != compare.Models[0].Seed);
        TrainTable.Write([.. compare.Models.Select(m => (hasSeeds ? $"{m.Name}, seed {TextTable.Number(m.Seed, "0")}" : m.Name, (TrainOutcome)m))], output);
        output.WriteLine();
        string[] names = [.. compare.Models.Select(m => m.Name).Distinct()];
        TextTable.Write(
            output,
            ["flip rate of", "norm", "budget", "samples", .. names],
            compare.Comparison.Where(r => r.FlipRate is not null).Select(r => (string[])
                [r.Kind, r.Norm.ToString(), TextTable.Budget(r.Epsilon), r.Split, .. names.Select(n => TextTable.Share(r.FlipRate![n]))]),
            ["samples"]);
        if (compare.Comparison.Any(r => r.MedianDistance is not null))
        {
            output.WriteLine();
            TextTable.Write(
                output,
                ["median distance of", "norm", "samples", .. names],
                compare.Comparison.Where(r => r.MedianDistance is not null).Select(r => (string[])
                    [r.Kind, r.Norm.ToString(), r.Split, .. names.Select(n => TextTable.Figure(r.MedianDistance![n]))]),
                ["samples"]);
        }

        if (compare.EqualAccuracy is { } equal)
        {
            output.WriteLine();
            TextTable.Write(
                output,
                [$"{equal.Kind} {equal.Norm.ToString()} {TextTable.Budget(equal.Epsilon)}", .. names],
                [
                    [$"at accuracy {TextTable.Share(equal.Accuracy)}", .. names.Select(n => TextTable.Share(equal.FlipRate[n]))],
                    ["at the end", .. names.Select(n => TextTable.Share(equal.FinalFlipRate[n]))],
                ]);
        }

        if (compare.Selection is { } selection)
        {
            output.WriteLine();
            TextTable.Write(
                output,
                [$"selected by {CandidateText.NameOf(selection.Figure)}", "setting", "of"],
                selection.Candidates.Where(c => c.Picked).Select(c => (string[])[c.Name, CandidateText.Of(c.Loss), TextTable.Number(selection.Candidates.Count(other => other.Name == c.Name), "0")]));
        }

        AttackTable.WriteChecks(compare.Checks, output);
    }
}
