using Differential.Core.Checks;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Attack;

/// <summary>An attacked network on standard output.</summary>
internal static class AttackTable
{
    public static void Write(AttackJobOutcome attack, TextWriter output)
    {
        RobustTable.Write([.. attack.Splits.SelectMany(s => RobustLine.Of(s.Key, s.Value))], output);
        TextTable.Write(
            output,
            ["attack", "norm", "budget", "samples", "attacked", "flip rate", "median distance"],
            attack.Splits.SelectMany(s => s.Value.Attacks.Select(a => new[]
            {
                a.Kind, a.Norm.ToString(), TextTable.Budget(a.Epsilon), s.Key, TextTable.Number(s.Value.Attacked, "0"), TextTable.Share(a.FlipRate), TextTable.Figure(a.Distance?.Median),
            })),
            ["attacked", "samples"]);
        WriteChecks(attack.Checks, output);
    }

    /// <summary>How many checks passed, and what the others say.</summary>
    public static void WriteChecks(IReadOnlyList<CheckLine> checks, TextWriter output)
    {
        if (checks.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"Checks of the evaluation: {TextTable.Number(checks.Count(c => c.Status == CheckStatus.Passed), "0")} of {TextTable.Number(checks.Count, "0")} passed");
        foreach (CheckLine check in checks.Where(c => c.Status == CheckStatus.Warned))
        {
            TextTable.Warn(output, $"Warning, {(check.Model is null ? string.Empty : check.Model + ", ")}{check.Name}: {check.Text}");
        }
    }
}
