namespace Differential.Kernels.Elementwise;

/// <summary>A function of one element, with up to two constants a and b.</summary>
public enum ActivationKind
{
    /// <summary>x within [a, b], else the nearer end.</summary>
    Clip,

    /// <summary>b · x where x is above 0, else a · b · (eˣ − 1): Elu with b = 1, Selu with its two constants.</summary>
    Elu,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>The error function.</summary>
    Erf,

    /// <summary>x · Φ(x) with the normal distribution's Φ.</summary>
    Gelu,

    /// <summary>Gelu's approximation by tanh(√(2/π) · (x + 0.044715 · x³)).</summary>
    GeluTanh,

    /// <summary>a · x + b within [0, 1], else the nearer end.</summary>
    HardSigmoid,

    /// <summary>x · HardSigmoid(x) with a = 1/6 and b = 1/2.</summary>
    HardSwish,

    /// <summary>ln(1 + eˣ).</summary>
    Softplus,
}
