namespace Differential.Kernels.Rows;

/// <summary>The norm of a row.</summary>
public enum RowNorm
{
    /// <summary>Largest absolute value.</summary>
    Linf,

    /// <summary>Euclidean.</summary>
    L2,

    /// <summary>Sum of absolute values; for norms and projections, not for steps.</summary>
    L1,
}
