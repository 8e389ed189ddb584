using Differential.Kernels.Rows;

namespace Differential.Core.Decisions;

/// <summary>Norms of perturbations.</summary>
public enum AttackNorm
{
    /// <summary>Euclidean.</summary>
    L2,

    /// <summary>Largest absolute value.</summary>
    Linf,

    /// <summary>Sum of absolute values. For the attack fmn; other attacks, budgets and trainings are in L2 or L∞.</summary>
    L1,
}

/// <summary>A norm as kernels know it, and as files and streams of random numbers name it.</summary>
public static class AttackNormNames
{
    /// <summary>The norms in which every attack can search and every run measures.</summary>
    internal static IReadOnlyList<AttackNorm> Common { get; } = [AttackNorm.L2, AttackNorm.Linf];

    internal static RowNorm Kernel(this AttackNorm norm) => norm switch
    {
        AttackNorm.Linf => RowNorm.Linf,
        AttackNorm.L1 => RowNorm.L1,
        _ => RowNorm.L2,
    };

    /// <summary>The norm by which a linear score falls for each unit of way: 1 / p + 1 / q = 1.</summary>
    internal static RowNorm Dual(this AttackNorm norm) => norm switch
    {
        AttackNorm.Linf => RowNorm.L1,
        AttackNorm.L1 => RowNorm.Linf,
        _ => RowNorm.L2,
    };

    /// <summary>As readers know it: L2, L∞ or L1.</summary>
    public static string Symbol(this AttackNorm norm) => norm switch
    {
        AttackNorm.Linf => "L∞",
        AttackNorm.L1 => "L1",
        _ => "L2",
    };

    /// <summary><c>l2</c>, <c>linf</c> or <c>l1</c>.</summary>
    public static string Text(this AttackNorm norm) => norm switch
    {
        AttackNorm.Linf => "linf",
        AttackNorm.L1 => "l1",
        _ => "l2",
    };
}
