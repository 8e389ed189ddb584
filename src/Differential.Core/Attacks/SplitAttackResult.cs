using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>The attacks of a run on one split of a data set.</summary>
public sealed record SplitAttackResult
{
    /// <summary>Samples of the split.</summary>
    public required int Count { get; init; }

    /// <summary>Samples that the model decides correctly.</summary>
    public required int Correct { get; init; }

    /// <summary>How all of them are decided.</summary>
    public required SplitDecisions Decisions { get; init; }

    /// <summary>Correct over count; 0 for an empty split.</summary>
    public double Accuracy => Count == 0 ? 0 : (double)Correct / Count;

    /// <summary>Samples under attack: correctly decided ones only.</summary>
    public int Attacked => Samples.Count;

    /// <summary>The samples under attack, in the seeded order.</summary>
    public required IReadOnlyList<AttackedSample> Samples { get; init; }

    /// <summary>The correct samples that a limit left out, in the order behind <see cref="Samples"/>.</summary>
    public IReadOnlyList<AttackedSample> LeftOut { get; init; } = [];

    /// <summary>One result per attack and budget, in the order of the run's list, budgets ascending.</summary>
    public required IReadOnlyList<AttackResult> Attacks { get; init; }

    /// <summary>The budgets that attacks were asked for: known where nothing was there to be attacked too.</summary>
    public IReadOnlyList<AskedBudget> Asked { get; init; } = [];

    /// <summary>The norms that distances are told in: L2 and L∞, and L1 where an attack searched in it.</summary>
    internal IReadOnlyList<AttackNorm> Norms => [.. AttackNormNames.Common, .. Attacks.Select(static attack => attack.Norm).Except(AttackNormNames.Common)];

    /// <summary>The budgets of the run, by norm and size; none where every attack looks for the smallest distance.</summary>
    public IReadOnlyList<(AttackNorm Norm, double Epsilon)> Budgets() =>
        [.. Attacks.Where(static attack => attack.Epsilon is not null).Select(static attack => (attack.Norm, Epsilon: attack.Epsilon!.Value)).Concat(Asked.Select(static budget => (budget.Norm, budget.Epsilon))).Distinct().OrderBy(static budget => budget.Norm).ThenBy(static budget => budget.Epsilon)];

    /// <summary>Of each attacked sample, whether any attack of the run flipped it within a distance, in whatever norm that attack searched.</summary>
    /// <param name="norm">Of the distance.</param>
    /// <param name="epsilon">The distance.</param>
    public IReadOnlyList<bool> FlippedWithin(AttackNorm norm, double epsilon)
    {
        var flipped = new bool[Attacked];
        foreach (AttackResult attack in Attacks)
        {
            bool within = attack.Norm == norm && attack.Epsilon <= epsilon;
            for (int i = 0; i < flipped.Length; i++)
            {
                flipped[i] |= (within && attack.Flipped[i]) || (i < attack.Found.Count && attack.Found[i]?.In(norm) <= epsilon);
            }
        }

        return flipped;
    }
}

/// <summary>A distance within which an attack looks for flips.</summary>
/// <param name="Norm">Of the distance.</param>
/// <param name="Epsilon">In the scale of the inputs.</param>
public readonly record struct AskedBudget(AttackNorm Norm, double Epsilon);

/// <summary>A correctly decided sample: one under attack, or one that a limit left out.</summary>
/// <param name="Index">Its index in the split.</param>
/// <param name="Label">+1 or −1; of three classes or more the class's number.</param>
/// <param name="CleanScore">Its score minus the threshold, without any change; of three classes or more its smallest margin.</param>
public readonly record struct AttackedSample(int Index, sbyte Label, float CleanScore);
