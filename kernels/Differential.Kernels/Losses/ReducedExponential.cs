namespace Differential.Kernels.Losses;

/// <summary>
/// e^x as a factor near 1 and a power of two. A GPU takes the exponential as 2^(x·log₂ e) with the product rounded to float: at
/// |x| = 60 it is off by 4·10⁻⁶. Here the power is split off exactly first, and what is left is small.
/// </summary>
internal readonly struct ReducedExponential
{
    /// <summary>Half of it is the power of a normal float, up and down; what is beyond it stays out of range when divided by a number of pairs.</summary>
    private const float LargestPower = 245;

    private const float Log2E = 1.44269504f;

    /// <summary>ln 2 in two parts, the upper one of nine bits, so that its product with a power is exact.</summary>
    private const float Ln2High = 0.693359375f;

    private const float Ln2Low = -2.12194440e-4f;

    private readonly float _factor;
    private readonly int _power;

    /// <summary>e^(<paramref name="high"/> + <paramref name="low"/>), where the lower part is small beside 1; NaN of NaN.</summary>
    public ReducedExponential(float high, float low)
    {
        float power = high * Log2E;
        power = power > LargestPower ? LargestPower : power < -LargestPower ? -LargestPower : power;
        _power = float.IsNaN(power) ? 0 : (int)(power + (power < 0 ? -0.5f : 0.5f));
        float rest = high - (_power * Ln2High) - (_power * Ln2Low) + low;

        // Beyond ±ln 2 / 2 only where the power was cut, and the product is 0 or saturates whatever this is.
        _factor = MathF.Exp(rest > 1 ? 1 : rest < -1 ? -1 : rest);
    }

    /// <summary>e^x times a factor that is itself a normal float; infinite beyond the largest float.</summary>
    public float Times(float factor)
    {
        int half = _power / 2;
        return factor * _factor * PowerOfTwo(half) * PowerOfTwo(_power - half);
    }

    private static float PowerOfTwo(int power) => BitConverter.Int32BitsToSingle((power + 127) << 23);
}
