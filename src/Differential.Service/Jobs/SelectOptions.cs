using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Service.Jobs;

[Description("How one of several settings of a loss is selected: the one whose networks, over all seeds, have the largest mean of a figure on held-out samples.")]
public sealed record SelectOptions
{
    /// <summary>Settings of one loss at most.</summary>
    public const int MostChoices = 64;

    [Description("The samples that decide: data.validation.")]
    public SelectSamples By { get; init; }

    [Description("The budget at which the figure is taken.")]
    public SelectBudget At { get; init; } = new();

    [Description("certifiedAccuracy: the share of samples decided rightly and, by margin over Lipschitz constant, within the budget whatever is done; for networks of kind lipschitz. robustAccuracy: accuracy times the share of rightly decided samples (at most limit) that PGD of 20 steps does not flip. accuracy: without any budget.")]
    public SelectFigure Figure { get; init; }
}

[Description("A norm and a distance in the scale of the inputs.")]
public sealed record SelectBudget
{
    [Description("Of the distance.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf)]
    public AttackNorm Norm { get; init; } = AttackNorm.L2;

    [Description("The distance; may be written \"8/255\".")]
    [Range(1e-9, 1e3)]
    public Fraction Epsilon { get; init; } = 0.5;
}

/// <summary>Samples that a selection is made by.</summary>
public enum SelectSamples
{
    /// <summary>The held-out ones.</summary>
    Validation,
}

/// <summary>What the selected networks are best at.</summary>
public enum SelectFigure
{
    /// <summary>Right, and certified to stay so within the budget.</summary>
    CertifiedAccuracy,

    /// <summary>Right, and not flipped by an attack within the budget.</summary>
    RobustAccuracy,

    /// <summary>Right.</summary>
    Accuracy,
}
