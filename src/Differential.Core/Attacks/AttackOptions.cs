using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Core.Attacks;

/// <summary>An attack and its settings. Budgets and distances are in the scale of the inputs ([0, 1] for images).</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FgsmOptions), "fgsm")]
[JsonDerivedType(typeof(PgdOptions), "pgd")]
[JsonDerivedType(typeof(DeepFoolOptions), "deepFool")]
[JsonDerivedType(typeof(ApgdOptions), "apgd")]
[JsonDerivedType(typeof(FabOptions), "fab")]
[JsonDerivedType(typeof(FmnOptions), "fmn")]
[JsonDerivedType(typeof(CarliniWagnerOptions), "carliniWagner")]
[JsonDerivedType(typeof(SquareOptions), "square")]
[JsonDerivedType(typeof(HopSkipJumpOptions), "hopSkipJump")]
[JsonDerivedType(typeof(NoiseOptions), "noise")]
[JsonDerivedType(typeof(SuiteOptions), "suite")]
public abstract record AttackOptions
{
    /// <summary>The kind as job files name it.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    [Description("The norm of the perturbation.")]
    [AllowedValues(AttackNorm.L2, AttackNorm.Linf)]
    public virtual AttackNorm Norm { get; init; } = AttackNorm.L2;

    [Description("A flip counts only where the input rounded to 8 bits (multiples of 1/255) flips too.")]
    public bool Rounded { get; init; }

    [Description("Of three classes or more: how many other classes an attack with gradients aims at one by one, the nearest first, after a search towards whichever is nearest; all by default.")]
    [Range(0, DataOptions.MaxClasses)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Targets { get; init; }

    /// <summary>The attack with these settings, with all it needs for one session.</summary>
    internal abstract Attack CreateAttack(AttackSession session);
}

/// <summary>An attack that looks for a flip within each of a list of budgets.</summary>
public abstract record FixedBudgetOptions : AttackOptions
{
    [Description("Budgets: radii of the ball, each a number or a fraction such as \"8/255\".")]
    [MinLength(1)]
    [MaxLength(100)]
    [Range(0.0, 1e6)]
    public required IReadOnlyList<Fraction> Epsilons { get; init; }
}

/// <summary>What a gradient attack climbs.</summary>
public enum AttackObjective
{
    /// <summary>The signed margin y·s goes down. Never saturates.</summary>
    Margin,

    /// <summary>The cross-entropy goes up. Saturates for large scores: here to show gradient masking.</summary>
    CrossEntropy,
}
