using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Decisions;
using Differential.Core.Files;

namespace Differential.Service.Kinds.Attack;

/// <summary>A split of a model that was attacked; the model is null where a job has one only.</summary>
internal sealed record AttackedSplit(string? Model, string Split, SplitAttackResult Result, IReadOnlyList<MarginBracket> Brackets);

/// <summary>Attack results as samples.csv holds them.</summary>
internal static class SampleExport
{
    /// <summary>The rows of samples.csv. A split of which nothing was attacked has no rows.</summary>
    public static IReadOnlyList<SamplesPart> Parts(IReadOnlyList<AttackedSplit> splits) =>
    [
        .. splits.Where(s => s.Result.Attacked > 0).Select(s => new SamplesPart
        {
            Model = s.Model,
            Split = s.Split,
            Indices = [.. s.Result.Samples.Select(a => a.Index)],
            Labels = [.. s.Result.Samples.Select(a => a.Label)],
            CleanScores = [.. s.Result.Samples.Select(a => a.CleanScore)],
            Columns = [.. Columns(s.Result), .. s.Brackets.SelectMany(Columns)],
        }),
    ];

    /// <summary>The kind of which each flip says which of its attacks found it, in every part alike.</summary>
    private static readonly string Suite = new SuiteOptions { Epsilons = [] }.Name;

    private static IEnumerable<SampleColumn> Columns(MarginBracket bracket)
    {
        string norm = bracket.Norm.Text();
        yield return SampleColumn.OfCertificates($"certified.{norm}", bracket.Certified);
        yield return SampleColumn.OfDistances($"found.{norm}", [.. bracket.Found.Select(d => (float)(d ?? double.NaN))]);
    }

    private static IEnumerable<SampleColumn> Columns(SplitAttackResult result)
    {
        foreach ((AttackResult attack, string name) in result.Attacks.Zip(AttackNames.Of(result.Attacks)))
        {
            yield return attack.Distances is { } distances
                ? SampleColumn.OfDistances(name, [.. distances.Select(d => (float)(d ?? double.NaN))])
                : SampleColumn.OfFlips(name, attack.Flipped);
            if (attack.Kind == Suite)
            {
                yield return SampleColumn.OfNames($"foundBy.{name}", attack.FoundBy);
            }
        }
    }
}
