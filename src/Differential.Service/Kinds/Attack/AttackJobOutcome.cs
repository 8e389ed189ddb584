using System.Text.Json.Serialization;
using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Decisions;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>An attack within a budget, or one that looks for the smallest distance.</summary>
public sealed record AttackRow
{
    public required string Kind { get; init; }

    public required AttackNorm Norm { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Epsilon { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Flipped { get; init; }

    /// <summary>Flipped over attacked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FlipRate { get; init; }

    /// <summary>Of the smallest perturbations found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DistanceSummary? Distance { get; init; }

    /// <summary>Searches that ended at a gradient of exactly 0, a sign of saturated scores.</summary>
    public long ZeroGradients { get; init; }

    /// <summary>Of a suite: how many of the flips each of its attacks found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, int>? FoundBy { get; init; }

    public static AttackRow Of(AttackResult outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        bool budget = outcome.Epsilon is not null;
        return new AttackRow
        {
            Kind = outcome.Kind,
            Norm = outcome.Norm,
            Epsilon = outcome.Epsilon,
            Flipped = budget ? outcome.FlippedCount : null,
            FlipRate = budget ? outcome.FlipRate : null,
            Distance = outcome.DistanceSummary,
            ZeroGradients = outcome.ZeroGradients,
            FoundBy = Credits(outcome),
        };
    }

    private static SortedDictionary<string, int>? Credits(AttackResult outcome)
    {
        var credits = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (string by in outcome.FoundBy.OfType<string>())
        {
            credits[by] = credits.GetValueOrDefault(by) + 1;
        }

        return credits.Keys.All(by => by == outcome.Kind) ? null : credits;
    }
}

/// <summary>The attacks on one split.</summary>
/// <param name="Count">Samples.</param>
/// <param name="Correct">Samples that are decided correctly.</param>
/// <param name="Accuracy">Correct over count.</param>
/// <param name="Attacked">Correct samples that were attacked.</param>
/// <param name="Attacks">What each attack and budget flipped of these.</param>
public sealed record SplitAttacks(int Count, int Correct, double Accuracy, int Attacked, IReadOnlyList<AttackRow> Attacks)
    : SplitFigures(Count, Accuracy)
{
    /// <summary>Robust and certified accuracy within each budget, over all samples.</summary>
    public IReadOnlyList<RobustRow> Robust { get; init; } = [];

    /// <summary>What is known of the attacked samples' distances to the boundary, by norm.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, BracketSummary>? Distances { get; init; }

    /// <param name="result">The run.</param>
    /// <param name="brackets">Of its samples.</param>
    /// <param name="names">Of the classes; of two the positive one first.</param>
    public static SplitAttacks Of(SplitAttackResult result, IReadOnlyList<MarginBracket> brackets, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(brackets);
        ArgumentNullException.ThrowIfNull(names);
        IReadOnlyList<RobustFigures> figures = RobustFigures.Of(result, brackets);
        SplitAttacks split = With(
            new SplitAttacks(result.Count, result.Correct, result.Accuracy, result.Attacked, [.. result.Attacks.Select(AttackRow.Of)])
            {
                Robust = [.. figures.Select(within => RobustRow.Of(within, result.Decisions))],
                Distances = result.Attacked == 0 ? null : BracketSummary.Of(brackets),
            },
            result.Decisions,
            names);
        return split with
        {
            PerClass =
            [
                .. split.PerClass!.Select((row, k) => row with
                {
                    Robust = [.. figures.Select(within => new ClassRobustRow(within.Norm, within.Epsilon, within.RobustAccuracies[k], within.CertifiedAccuracies[k]))],
                }),
            ],
        };
    }
}

/// <summary>An attacked network.</summary>
public sealed record AttackJobOutcome : JobOutcome
{
    /// <summary>By the names "train" and "test".</summary>
    public required IReadOnlyDictionary<string, SplitAttacks> Splits { get; init; }

    /// <summary>Empty where they were not asked for.</summary>
    public IReadOnlyList<CheckLine> Checks { get; init; } = [];

    /// <summary>What is to be known of how the model was read; a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    internal override void WriteTables(TextWriter output) => AttackTable.Write(this, output);
}
