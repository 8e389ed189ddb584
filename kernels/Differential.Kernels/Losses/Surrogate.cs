namespace Differential.Kernels.Losses;

/// <summary>The convex surrogate ℓ(d) of the ranking error, of a score difference or a signed margin d.</summary>
public enum Surrogate
{
    /// <summary>log(1 + e^(−d)).</summary>
    Logistic,

    /// <summary>(1 − d)².</summary>
    Squared,

    /// <summary>max(0, 1 − d).</summary>
    Hinge,

    /// <summary>e^(−d).</summary>
    Exponential,

    /// <summary>−d: the difference of the classes' mean scores, without a lower bound.</summary>
    Linear,
}
