using System.Text.Json.Serialization;
using Differential.Core.Certificates;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Service.Kinds.Attack;

/// <summary>Robust and certified accuracy within one distance, over all samples of a split (<see cref="RobustFigures"/>).</summary>
public sealed record RobustRow
{
    public required AttackNorm Norm { get; init; }

    public required double Epsilon { get; init; }

    /// <summary>Share of all samples that are decided correctly and not flipped by any attack of the job within the distance.</summary>
    public required double RobustAccuracy { get; init; }

    /// <summary>Share of all samples whose correct decision is certified; null where no certificate was asked for or none is available.</summary>
    public required double? CertifiedAccuracy { get; init; }

    /// <summary>Correct samples that the certified accuracy is counted on: all of them where the certificate is the Lipschitz constant's, else attacked ones.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CertifiedSamples { get; init; }

    /// <summary>95 %, of the robust accuracy: Wilson's; of several seeds together Student's over the seeds.</summary>
    public required Interval Interval { get; init; }

    /// <summary>95 %, of the certified accuracy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Interval? CertifiedInterval { get; init; }

    /// <summary>Share of the attacked samples, all of them decided correctly, that any attack flips within the distance.</summary>
    public required double FlipRate { get; init; }

    /// <summary>Means over the classes; where the classes are of different sizes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BalancedRow? Balanced { get; init; }

    public static RobustRow Of(RobustFigures figures, SplitDecisions decisions)
    {
        ArgumentNullException.ThrowIfNull(figures);
        ArgumentNullException.ThrowIfNull(decisions);
        return new RobustRow
        {
            Norm = figures.Norm,
            Epsilon = figures.Epsilon,
            RobustAccuracy = figures.RobustAccuracy,
            CertifiedAccuracy = figures.CertifiedAccuracy,
            CertifiedSamples = figures.CertifiedSamples,
            Interval = figures.Interval,
            CertifiedInterval = figures.CertifiedInterval,
            FlipRate = figures.FlipRate,
            Balanced = decisions.IsUneven && figures.BalancedRobustAccuracy is double balanced
                ? new BalancedRow(balanced, figures.BalancedCertifiedAccuracy, figures.BalancedInterval!.Value)
                : null,
        };
    }
}

/// <summary>The same with each class counting alike.</summary>
public sealed record BalancedRow(double RobustAccuracy, double? CertifiedAccuracy, Interval Interval);
