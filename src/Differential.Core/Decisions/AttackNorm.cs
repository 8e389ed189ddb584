using Differential.Kernels.Rows;

namespace Differential.Core.Decisions;

/// <summary>Norms of perturbations.</summary>
public enum AttackNorm
{
    /// <summary>Euclidean.</summary>
    L2,

    /// <summary>Largest absolute value.</summary>
    Linf,
}

/// <summary>A norm as kernels know it, and as files and streams of random numbers name it.</summary>
public static class AttackNormNames
{
    internal static RowNorm Kernel(this AttackNorm norm) => norm == AttackNorm.Linf ? RowNorm.Linf : RowNorm.L2;

    /// <summary>As readers know it: L2 or L∞.</summary>
    public static string Symbol(this AttackNorm norm) => norm == AttackNorm.Linf ? "L∞" : "L2";

    /// <summary><c>l2</c> or <c>linf</c>.</summary>
    public static string Text(this AttackNorm norm) => norm == AttackNorm.Linf ? "linf" : "l2";
}
