using System.Text.Json.Serialization;
using Differential.Core.Certificates;
using Differential.Core.Checks;
using Differential.Core.Decisions;

namespace Differential.Service.Kinds.Attack;

/// <summary>A check of the evaluation.</summary>
public sealed record CheckLine
{
    /// <summary>The network; in comparisons.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Model { get; init; }

    public required string Name { get; init; }

    public required CheckStatus Status { get; init; }

    public required IReadOnlyDictionary<string, double?> Figures { get; init; }

    public required string Text { get; init; }

    /// <summary>Samples, norm and budget that it was run on.</summary>
    public required string On { get; init; }
}

/// <summary>Counts of certified and found distances over common bins.</summary>
/// <param name="Edges">Of the bins, ascending, one more than bins.</param>
/// <param name="Certified">Samples of each bin.</param>
/// <param name="Found">Samples of each bin.</param>
public sealed record BracketHistogram(IReadOnlyList<double> Edges, IReadOnlyList<int> Certified, IReadOnlyList<int> Found);

/// <summary>What is known of the attacked samples' margins in one norm: certified ≤ margin ≤ found.</summary>
/// <param name="Certified">Of the distances within which the decisions provably stay; null where none was asked for.</param>
/// <param name="Found">Of the smallest distances at which any attack found a flip.</param>
/// <param name="Crossed">Samples whose bounds contradict one another: 0 where both are right.</param>
/// <param name="Histogram">Of both.</param>
public sealed record BracketSummary(CertifiedSummary? Certified, DistanceSummary Found, int Crossed, BracketHistogram? Histogram)
{
    private const int Bins = 20;

    /// <summary>Why the network has no certificate; absent where it has one, and where none was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NoCertificate { get; init; }

    /// <summary>By the norms "l2" and "linf", and "l1" where an attack searched in it.</summary>
    public static IReadOnlyDictionary<string, BracketSummary> Of(IReadOnlyList<MarginBracket> brackets) => brackets.ToDictionary(
        b => b.Norm.Text(),
        b => new BracketSummary(CertifiedSummary.From(b.Certified), DistanceSummary.From(b.Found), b.Crossed, HistogramOf(b)) { NoCertificate = Because(b) });

    /// <summary>"no certificate, because …"; null where there is one.</summary>
    internal static string? Because(MarginBracket bracket) => bracket.NoCertificate is null ? null : $"no certificate, because {bracket.NoCertificate}";

    private static BracketHistogram? HistogramOf(MarginBracket bracket)
    {
        double top = bracket.Certified.Concat(bracket.Found).Append(0).Max(d => d is double value && double.IsFinite(value) ? value : 0);
        if (top <= 0)
        {
            return null;
        }

        return new BracketHistogram([.. Enumerable.Range(0, Bins + 1).Select(i => top * i / Bins)], Counts(bracket.Certified), Counts(bracket.Found));

        int[] Counts(IReadOnlyList<double?> distances)
        {
            var counts = new int[Bins];
            foreach (double? distance in distances)
            {
                if (distance is double value && double.IsFinite(value))
                {
                    counts[Math.Min(Bins - 1, (int)(value / top * Bins))]++;
                }
            }

            return counts;
        }
    }
}
