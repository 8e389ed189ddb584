using Differential.Core.Checks;
using Differential.Core.Decisions;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Attack;

/// <summary>What an evaluation found, and how sure that is, in words.</summary>
internal static class RobustVerdict
{
    /// <summary>What each network does at the distance that tells most, best first: where the robust accuracy is nearest to half of the accuracy, on test samples where there are any.</summary>
    /// <param name="lines">Of every network, split and distance.</param>
    public static IReadOnlyList<RobustLine> Telling(IReadOnlyList<RobustLine> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return
        [
            .. lines.Where(line => line.Split == (lines.Any(static line => line.Split == "test") ? "test" : lines[0].Split)).GroupBy(static line => (line.Norm, line.Epsilon))
                .MinBy(static group => Math.Abs(group.Average(static line => line.RobustAccuracy) - (group.Average(static line => line.Accuracy) / 2)))?
                .OrderByDescending(static line => line.RobustAccuracy) ?? Enumerable.Empty<RobustLine>(),
        ];
    }

    /// <summary>A sentence of the distance that tells most.</summary>
    /// <param name="telling"><see cref="Telling"/>.</param>
    public static string Sentence(IReadOnlyList<RobustLine> telling)
    {
        ArgumentNullException.ThrowIfNull(telling);
        if (telling.Count == 0)
        {
            return "No attack of this job has a budget: there is no robust accuracy. The distances below are the smallest at which a flip was found.";
        }

        RobustLine best = telling[0];
        string within = $"{best.Norm.Symbol()} {Numbers.Budget(best.Epsilon)}";
        return telling.Count == 1
            ? $"Within {within} {best.Network ?? "the network"} decides {Share(best)} of all {best.Split} samples correctly under every attack of this job; without an attack {Numbers.Share(best.Accuracy)}."
            : $"Within {within}, under every attack of this job, {string.Join(", ", telling.Take(4).Select(line => $"{line.Network} decides {Share(line)}"))} of all {best.Split} samples correctly.";
    }

    /// <summary>How many checks passed.</summary>
    public static string? Checked(IReadOnlyList<CheckLine> checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        int warned = checks.Count(static check => check.Status == CheckStatus.Warned);
        return checks.Count == 0
            ? null
            : warned == 0 ? $"All {checks.Count} checks of the evaluation passed." : $"{warned} of {checks.Count} checks of the evaluation warned:";
    }

    /// <summary>What each check that warned means.</summary>
    public static IReadOnlyList<string> Warnings(IReadOnlyList<CheckLine> checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        return [.. checks.Where(static check => check.Status == CheckStatus.Warned).Select(static check => $"{(check.Model is null ? string.Empty : check.Model + ", ")}{check.Name}: {Meaning(check.Name)}")];
    }

    private static string Share(RobustLine line) =>
        $"{Numbers.Share(line.RobustAccuracy)} (95 %: {Numbers.Shares(line.Interval)}{(line.CertifiedAccuracy is { } certified ? $"; certified {Numbers.Share(certified)}" : string.Empty)})";

    private static string Meaning(string check) => check switch
    {
        "iterative" => "one step flips more than many do, so the attack loses its way: the true flip rates are higher than those shown.",
        "budgets" => "a larger budget flips fewer samples, which cannot be: the attack fails at the larger one.",
        "largeBudget" => "where every sample can be flipped the attack leaves some: it does not look far enough.",
        "steps" => "twice the steps flip more: the attack had not come to its end, and the true flip rates are higher.",
        "objective" => "an attack that follows the cross-entropy finds fewer flips, because its scores saturate. The attacks here follow the margin and are not held up by that.",
        "gradientFree" => "an attack without gradients flips samples that the one with gradients leaves: the gradients mislead, and the true flip rates are higher.",
        "noise" => "random noise does nearly as well as the attack: it searches little better than chance.",
        "gradients" => "searches ended at gradients of zero or none: those samples were not searched, and count as robust without proof.",
        "verification" => "flips do not hold when they are looked at again, so that the figures count too many.",
        "scoreScaling" => "an attack on the cross-entropy would show this network as harder to fool than it is. The attacks here follow the margin, which does not depend on the size of the scores.",
        "bracket" => "an attack got nearer than a certificate allows: one of the two is wrong.",
        _ => "see the table of checks.",
    };
}
