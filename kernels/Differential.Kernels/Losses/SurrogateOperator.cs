namespace Differential.Kernels.Losses;

/// <summary>ℓ(d) and ℓ'(d) of each <see cref="Surrogate"/> for one d, for every device. Stable for all finite d.</summary>
internal static class SurrogateOperator
{
    /// <summary>ℓ(d); the exponential saturates at the largest float.</summary>
    public static float Value(Surrogate surrogate, float d)
    {
        if (surrogate == Surrogate.Logistic)
        {
            float tail = LogOnePlus(MathF.Exp(-MathF.Abs(d)));
            return d < 0 ? tail - d : tail;
        }

        if (surrogate == Surrogate.Squared)
        {
            return (1 - d) * (1 - d);
        }

        if (surrogate == Surrogate.Hinge)
        {
            return d >= 1 ? 0 : 1 - d;
        }

        if (surrogate == Surrogate.Linear)
        {
            return -d;
        }

        float value = new ReducedExponential(-d, 0).Times(1);
        return value > float.MaxValue ? float.MaxValue : value;
    }

    /// <summary>ℓ'(d), at most 0 but for the squared surrogate; 0 at the hinge's corner, as in PyTorch.</summary>
    public static float Slope(Surrogate surrogate, float d)
    {
        if (surrogate == Surrogate.Logistic)
        {
            float tail = MathF.Exp(-MathF.Abs(d));
            return -(d < 0 ? 1 : tail) / (1 + tail);
        }

        if (surrogate == Surrogate.Squared)
        {
            return -2 * (1 - d);
        }

        if (surrogate == Surrogate.Hinge)
        {
            return d >= 1 ? 0 : d < 1 ? -1 : d;
        }

        if (surrogate == Surrogate.Linear)
        {
            return d >= 0 ? -1 : d < 0 ? -1 : d;
        }

        float value = new ReducedExponential(-d, 0).Times(1);
        return value > float.MaxValue ? -float.MaxValue : -value;
    }

    /// <summary>
    /// log(1 + x) for x ≥ 0 without loss of a small x. Below 1/4 it is twice the series of artanh(x / (2 + x)), which
    /// four terms give to float's precision: near 1 a GPU's logarithm has an absolute, not a relative, error bound.
    /// </summary>
    public static float LogOnePlus(float x)
    {
        if (x < 0.25f)
        {
            float z = x / (2 + x);
            float square = z * z;
            return 2 * z * (1 + (square * ((1f / 3) + (square * ((1f / 5) + (square / 7))))));
        }

        return MathF.Log(1 + x);
    }
}
