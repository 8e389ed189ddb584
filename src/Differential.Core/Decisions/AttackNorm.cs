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

/// <summary>A norm as kernels and streams of random numbers know it.</summary>
internal static class AttackNormNames
{
    public static PerturbationNorm Kernel(this AttackNorm norm) => norm == AttackNorm.Linf ? PerturbationNorm.Linf : PerturbationNorm.L2;

    public static string Text(this AttackNorm norm) => norm == AttackNorm.Linf ? "linf" : "l2";
}
