using Differential.Core.Decisions;
using Differential.Core.Numerics;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Attack;

/// <summary>A network within one distance, as tables show it.</summary>
internal sealed record RobustLine(string? Network, string Split, AttackNorm Norm, double Epsilon, double Accuracy, double RobustAccuracy, Interval Interval, double? CertifiedAccuracy, double FlipRate)
{
    /// <summary>Means over the classes; null where the classes are even.</summary>
    public BalancedRow? Balanced { get; init; }

    public static IEnumerable<RobustLine> Of(string split, SplitAttacks attacks) => attacks.Robust.Select(row =>
        new RobustLine(null, split, row.Norm, row.Epsilon, attacks.Accuracy, row.RobustAccuracy, row.Interval, row.CertifiedAccuracy, row.FlipRate) { Balanced = row.Balanced });
}

/// <summary>Robust and certified accuracy over all samples, on standard output: the figures that come first.</summary>
internal static class RobustTable
{
    /// <returns>Whether there was anything to write.</returns>
    public static bool Write(IReadOnlyList<RobustLine> lines, TextWriter output)
    {
        if (lines.Count == 0)
        {
            return false;
        }

        bool hasNetworks = lines.Any(static line => line.Network is not null);
        bool isUneven = lines.Any(static line => line.Balanced is not null);
        TextTable.Write(
            output,
            [
                .. hasNetworks ? (string[])["network"] : [], "norm", "budget", "samples", "robust accuracy", "95 %", "certified", .. isUneven ? (string[])["balanced robust", "balanced certified"] : [],
                "accuracy", "flipped of correct",
            ],
            lines.Select(line => (string[])
            [
                .. hasNetworks ? (string[])[line.Network!] : [], line.Norm.ToString(), Numbers.Budget(line.Epsilon), line.Split,
                Numbers.Share(line.RobustAccuracy), Numbers.Shares(line.Interval), Numbers.Share(line.CertifiedAccuracy),
                .. isUneven ? (string[])[Numbers.Share(line.Balanced?.RobustAccuracy), Numbers.Share(line.Balanced?.CertifiedAccuracy)] : [],
                Numbers.Share(line.Accuracy), Numbers.Share(line.FlipRate),
            ]),
            ["accuracy", "samples", "flipped of correct", "95 %", "balanced certified", "certified"]);
        output.WriteLine();
        return true;
    }
}
