using System.Globalization;
using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Files;

namespace Differential.Service.Kinds.Attack;

/// <summary>A split of a model that was attacked; the model is null where a job has one only.</summary>
internal sealed record AttackedSplit(string? Model, string Split, SplitAttackResult Result, IReadOnlyList<MarginBracket> Brackets);

/// <summary>Attack results as samples.csv and adversarial.safetensors hold them.</summary>
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

    /// <summary>The clipped inputs; a sample that no attack flipped is there unchanged.</summary>
    public static AdversarialSplit Adversarial(string split, Dataset data, SplitAttackResult result)
    {
        int length = data.SampleShape.Length;
        var attacks = new List<AdversarialInputs>();
        foreach (AttackOutcome outcome in result.Attacks)
        {
            var inputs = new float[result.Attacked * length];
            for (int i = 0; i < result.Attacked; i++)
            {
                Span<float> row = inputs.AsSpan(i * length, length);
                if (outcome.Adversarial?[i] is { } found)
                {
                    found.CopyTo(row);
                }
                else
                {
                    Clean(data, result.Samples[i].Index, row);
                }
            }

            attacks.Add(new AdversarialInputs(outcome.Kind, outcome.Norm, outcome.Epsilon, inputs));
        }

        return new AdversarialSplit(
            split, data.SampleShape, [.. result.Samples.Select(s => s.Index)], [.. result.Samples.Select(s => s.Label)], attacks);
    }

    private static void Clean(Dataset data, int index, Span<float> row)
    {
        if (data.Features is { } features)
        {
            features.AsSpan(index * row.Length, row.Length).CopyTo(row);
            return;
        }

        ReadOnlySpan<byte> pixels = data.Pixels.AsSpan(index * row.Length, row.Length);
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = pixels[i] / 255f;
        }
    }

    private static IEnumerable<SampleColumn> Columns(MarginBracket bracket)
    {
        string norm = bracket.Norm == AttackNorm.L2 ? "l2" : "linf";
        yield return SampleColumn.OfDistances($"certified.{norm}", [.. bracket.Certified.Select(d => (float)(d ?? double.NaN))]);
        yield return SampleColumn.OfDistances($"found.{norm}", [.. bracket.Found.Select(d => (float)(d ?? double.NaN))]);
    }

    private static List<SampleColumn> Columns(SplitAttackResult result)
    {
        var columns = new List<SampleColumn>();
        foreach (AttackOutcome outcome in result.Attacks)
        {
            string norm = outcome.Norm == AttackNorm.L2 ? "l2" : "linf";
            string name = $"{outcome.Kind}.{norm}";
            if (outcome.Epsilon is double epsilon)
            {
                name += "." + epsilon.ToString("R", CultureInfo.InvariantCulture);
            }

            int same = columns.Count(c => c.Name == name || c.Name.StartsWith(name + "#", StringComparison.Ordinal));
            name = same == 0 ? name : $"{name}#{same + 1}";
            columns.Add(outcome.Distances is { } distances
                ? SampleColumn.OfDistances(name, [.. distances.Select(d => (float)(d ?? double.NaN))])
                : SampleColumn.OfFlips(name, outcome.Flipped));
        }

        return columns;
    }
}
