using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Core.Numerics;
using Differential.Service.Kinds.Attack;

namespace Differential.Service.Kinds.Compare;

/// <summary>A split and distance, with what each network does within it.</summary>
/// <param name="Split">"train" or "test".</param>
/// <param name="Norm">Of the distance.</param>
/// <param name="Epsilon">The distance.</param>
/// <param name="Networks">By the network's name.</param>
public sealed record RobustComparisonRow(string Split, AttackNorm Norm, double Epsilon, IReadOnlyDictionary<string, ComparedRobustness> Networks);

/// <summary>One network within one distance, over all samples; of several seeds the means.</summary>
/// <param name="Accuracy">Share that is decided correctly.</param>
/// <param name="RobustAccuracy">Share that is decided correctly and not flipped by any attack.</param>
/// <param name="CertifiedAccuracy">Share whose correct decision is certified; null where it is not known of every seed.</param>
/// <param name="Interval">95 %, of the robust accuracy: Wilson's of one network, Student's over several seeds.</param>
/// <param name="FlipRate">Share of the attacked samples, all decided correctly, that any attack flips.</param>
/// <param name="Seeds">Networks of this name.</param>
public sealed record ComparedRobustness(double Accuracy, double RobustAccuracy, double? CertifiedAccuracy, Interval Interval, double FlipRate, int Seeds)
{
    /// <summary>Means over the classes; where these are of different sizes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BalancedRow? Balanced { get; init; }
}

/// <summary>Robust and certified accuracies of a comparison, from its networks.</summary>
internal static class RobustComparison
{
    /// <summary>A row for each split and distance.</summary>
    public static IReadOnlyList<RobustComparisonRow> Rows(IReadOnlyList<ComparedDistance> distances)
    {
        ArgumentNullException.ThrowIfNull(distances);
        return
        [
            .. distances.Select(static distance => new RobustComparisonRow(
                distance.Split,
                distance.Norm,
                distance.Epsilon,
                distance.Networks.GroupBy(static n => n.Name).ToDictionary(static g => g.Key, static g => Of([.. g.Select(static n => (n.Accuracy, n.Robust))])))),
        ];
    }

    /// <summary>A row as tables show it, a line for each network.</summary>
    public static IEnumerable<RobustLine> Lines(RobustComparisonRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Networks.Select(n => new RobustLine(
            n.Key, row.Split, row.Norm, row.Epsilon, n.Value.Accuracy, n.Value.RobustAccuracy, n.Value.Interval, n.Value.CertifiedAccuracy, n.Value.FlipRate) { Balanced = n.Value.Balanced });
    }

    /// <summary>The row of one network, or the means of several.</summary>
    internal static ComparedRobustness Of(IReadOnlyList<(double Accuracy, RobustRow Row)> seeds)
    {
        RobustRow first = seeds[0].Row;
        double? certified = seeds.All(s => s.Row.CertifiedAccuracy is not null) ? seeds.Average(s => s.Row.CertifiedAccuracy!.Value) : null;
        double[] flips = [.. seeds.Select(s => s.Row.FlipRate).Where(double.IsFinite)];
        return new ComparedRobustness(
            seeds.Average(s => s.Accuracy),
            seeds.Average(s => s.Row.RobustAccuracy),
            certified,
            Over([.. seeds.Select(s => s.Row.RobustAccuracy)], first.Interval),
            flips.Length > 0 ? flips.Average() : double.NaN,
            seeds.Count)
        {
            Balanced = seeds.All(s => s.Row.Balanced is not null)
                ? new BalancedRow(
                    seeds.Average(s => s.Row.Balanced!.RobustAccuracy),
                    seeds.All(s => s.Row.Balanced!.CertifiedAccuracy is not null) ? seeds.Average(s => s.Row.Balanced!.CertifiedAccuracy!.Value) : null,
                    Over([.. seeds.Select(s => s.Row.Balanced!.RobustAccuracy)], first.Balanced!.Interval))
                : null,
        };
    }

    private static Interval Over(double[] shares, Interval alone) => Interval.OfMean(shares)?.OfShares() ?? alone;
}
