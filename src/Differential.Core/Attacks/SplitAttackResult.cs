namespace Differential.Core.Attacks;

/// <summary>The attacks of a run on one split of a data set.</summary>
public sealed record SplitAttackResult
{
    /// <summary>Samples of the split.</summary>
    public required int Count { get; init; }

    /// <summary>Samples that the model decides correctly.</summary>
    public required int Correct { get; init; }

    /// <summary>Correct over count; 0 for an empty split.</summary>
    public double Accuracy => Count == 0 ? 0 : (double)Correct / Count;

    /// <summary>Samples under attack: correctly decided ones only.</summary>
    public int Attacked => Samples.Count;

    /// <summary>The samples under attack, in the seeded order.</summary>
    public required IReadOnlyList<AttackedSample> Samples { get; init; }

    /// <summary>One result per attack and budget, in the order of the run's list, budgets ascending.</summary>
    public required IReadOnlyList<AttackResult> Attacks { get; init; }
}

/// <summary>A sample under attack.</summary>
/// <param name="Index">Its index in the split.</param>
/// <param name="Label">+1 or −1; of three classes or more the class's number.</param>
/// <param name="CleanScore">Its score minus the threshold, without any change; of three classes or more its smallest margin.</param>
public readonly record struct AttackedSample(int Index, sbyte Label, float CleanScore);
