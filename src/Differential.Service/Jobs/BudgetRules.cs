using System.Globalization;
using Differential.Core;
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Service.Jobs;

/// <summary>Budgets that the data's box makes senseless: inputs of images lie in [0, 1], those of points in their bounds.</summary>
internal static class BudgetRules
{
    private const int PixelSteps = 255;

    public static void Check(IReadOnlyList<AttackOptions> attacks, DataOptions data, InputMistakes mistakes)
    {
        for (int a = 0; a < attacks.Count; a++)
        {
            Check(attacks[a], a, data, mistakes);
        }
    }

    /// <summary>The budgets of one attack of a job's list.</summary>
    public static void Check(AttackOptions attack, int place, DataOptions data, InputMistakes mistakes)
    {
        IReadOnlyList<Fraction> epsilons = attack is FixedBudgetOptions { Epsilons: var given } ? given : [];
        for (int e = 0; e < epsilons.Count; e++)
        {
            Check(attack.Norm, epsilons[e], $"$.attacks[{place}].epsilons[{e}]", data, mistakes);
        }
    }

    /// <summary>Refuses a budget in L∞ that is wider than the box, and warns of one that reaches any input from its middle.</summary>
    public static void Check(AttackNorm norm, double epsilon, string place, DataOptions data, InputMistakes mistakes)
    {
        if (norm != AttackNorm.Linf || data.Box is not var (low, high) || epsilon <= (high - low) / 2)
        {
            return;
        }

        string found = string.Create(CultureInfo.InvariantCulture, $"the number {epsilon} in linf, where inputs lie in [{low}, {high}]");
        double steps = epsilon >= 1 && epsilon < PixelSteps ? epsilon : 8;
        string? meant = data.IsImages ? string.Create(CultureInfo.InvariantCulture, $"did you mean \"{steps}/{PixelSteps}\"?") : null;
        if (epsilon > high - low)
        {
            mistakes.Add(place, found, string.Create(CultureInfo.InvariantCulture, $"at most {high - low}{(meant is null ? string.Empty : $" ({meant})")}"));
        }
        else if (meant is not null)
        {
            mistakes.Warn(place, found, meant);
        }
    }
}
