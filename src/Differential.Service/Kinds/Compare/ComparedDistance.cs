using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Decisions;
using Differential.Service.Kinds.Attack;

namespace Differential.Service.Kinds.Compare;

/// <summary>One training of a comparison within one distance, over all samples of a split.</summary>
/// <param name="Name">Of the entry or loss.</param>
/// <param name="Seed">Of the training.</param>
/// <param name="Accuracy">Share of the samples that is decided correctly.</param>
/// <param name="Samples">Their number.</param>
/// <param name="Robust">Within the distance.</param>
internal sealed record ComparedTraining(string Name, long Seed, double Accuracy, int Samples, RobustRow Robust);

/// <summary>A split and distance with what every training of a comparison does within it, in the trainings' order.</summary>
internal sealed record ComparedDistance(string Split, AttackNorm Norm, double Epsilon, IReadOnlyList<ComparedTraining> Networks)
{
    /// <summary>By split; within it L2 first, then by distance.</summary>
    /// <param name="models">The trainings, each attacked on every split.</param>
    /// <param name="splits">In the order of the trainings' attacks.</param>
    public static IReadOnlyList<ComparedDistance> Of(IReadOnlyList<ComparedPart> models, IReadOnlyList<string> splits)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(splits);
        return
        [
            .. splits.SelectMany((split, place) => models
                .SelectMany(m => m.Attacks[place].Result.Budgets()).Distinct().OrderBy(static b => b.Norm).ThenBy(static b => b.Epsilon)
                .Select(budget => new ComparedDistance(split, budget.Norm, budget.Epsilon, [.. models.Select(m => Training(m, split, m.Attacks[place].Result, budget))]))),
        ];
    }

    private static ComparedTraining Training(ComparedPart model, string split, SplitAttackResult result, (AttackNorm Norm, double Epsilon) budget) => new(
        model.Run.Name,
        model.Run.Seed,
        result.Accuracy,
        result.Count,
        RobustRow.Of(RobustFigures.At(result, model.Evaluated.Brackets[split], budget.Norm, budget.Epsilon), result.Decisions));
}
