namespace Differential.Kernels.Elementwise;

/// <summary>The functions and their derivatives for every device. Exponents are kept at or below 0, so that nothing overflows that need not.</summary>
internal static class ActivationOperator
{
    private const float InverseRoot2 = 0.70710678f;

    // 1/√(2π) and 2/√π.
    private const float NormalPeak = 0.39894228f;
    private const float ErfPeak = 1.12837917f;

    // √(2/π).
    private const float GeluScale = 0.79788456f;
    private const float GeluCubic = 0.044715f;

    public static float Value(ActivationKind kind, float x, float a, float b) => kind switch
    {
        ActivationKind.Clip => Within(x, a, b),
        ActivationKind.Elu => x > 0 ? b * x : a * b * (MathF.Exp(AtMostZero(x)) - 1),
        ActivationKind.Sigmoid => Sigmoid(x),
        ActivationKind.Tanh => Tanh(x),
        ActivationKind.Erf => Erf(x),
        ActivationKind.Gelu => 0.5f * x * (1 + Erf(x * InverseRoot2)),
        ActivationKind.GeluTanh => 0.5f * x * (1 + Tanh(GeluScale * (x + (GeluCubic * x * x * x)))),
        ActivationKind.HardSigmoid => Within((a * x) + b, 0, 1),
        ActivationKind.HardSwish => x * Within((x / 6) + 0.5f, 0, 1),
        _ => Softplus(x),
    };

    /// <summary>The derivative; where the function has a kink, that of the constant side.</summary>
    public static float Slope(ActivationKind kind, float x, float a, float b) => kind switch
    {
        ActivationKind.Clip => x > a && x < b ? 1 : 0,
        ActivationKind.Elu => x > 0 ? b : a * b * MathF.Exp(AtMostZero(x)),
        ActivationKind.Sigmoid => Sigmoid(x) * (1 - Sigmoid(x)),
        ActivationKind.Tanh => 1 - (Tanh(x) * Tanh(x)),
        ActivationKind.Erf => ErfPeak * MathF.Exp(-x * x),
        ActivationKind.Gelu => (0.5f * (1 + Erf(x * InverseRoot2))) + (x * NormalPeak * MathF.Exp(-0.5f * x * x)),
        ActivationKind.GeluTanh => GeluTanhSlope(x),
        ActivationKind.HardSigmoid => (a * x) + b > 0 && (a * x) + b < 1 ? a : 0,
        ActivationKind.HardSwish => x <= -3 ? 0 : x >= 3 ? 1 : (x / 3) + 0.5f,
        _ => Sigmoid(x),
    };

    private static float GeluTanhSlope(float x)
    {
        float tanh = Tanh(GeluScale * (x + (GeluCubic * x * x * x)));
        return (0.5f * (1 + tanh)) + (0.5f * x * (1 - (tanh * tanh)) * GeluScale * (1 + (3 * GeluCubic * x * x)));
    }

    // Comparisons with the bound on the right keep NaN.
    private static float Within(float x, float low, float high) => x < low ? low : x > high ? high : x;

    private static float AtMostZero(float x) => x > 0 ? 0 : x;

    private static float Sigmoid(float x)
    {
        float tail = MathF.Exp(-MathF.Abs(x));
        return (x < 0 ? tail : 1) / (1 + tail);
    }

    private static float Tanh(float x)
    {
        // Near 0 the quotient would lose its leading digits.
        float square = x * x;
        if (square < 0.01f)
        {
            return x * (1 - (square * ((1f / 3) - (square * (2f / 15)))));
        }

        float tail = MathF.Exp(-2 * MathF.Abs(x));
        float size = (1 - tail) / (1 + tail);
        return x < 0 ? -size : size;
    }

    private static float Softplus(float x)
    {
        float tail = MathF.Exp(-MathF.Abs(x));
        return (x > 0 ? x : 0) + MathF.Log(1 + tail);
    }

    /// <summary>Abramowitz and Stegun 1964, 7.1.26, whose error is at most 1.5e-7; near 0 the series.</summary>
    private static float Erf(float x)
    {
        float square = x * x;
        if (square < 0.01f)
        {
            return ErfPeak * x * (1 - (square * ((1f / 3) - (square * 0.1f))));
        }

        float t = 1 / (1 + (0.3275911f * MathF.Abs(x)));
        float sum = t * (0.254829592f + (t * (-0.284496736f + (t * (1.421413741f + (t * (-1.453152027f + (t * 1.061405429f))))))));
        float size = 1 - (sum * MathF.Exp(-square));
        return x < 0 ? -size : size;
    }
}
