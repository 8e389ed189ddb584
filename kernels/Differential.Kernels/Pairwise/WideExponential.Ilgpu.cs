using Differential.Kernels.Reduction;
using ILGPU;

namespace Differential.Kernels.Pairwise;

/// <summary>
/// e^x as a float and a power of two, for x of which e^x is beyond float's range but a product with it is not. The
/// exponent is kept in two floats: at 90, where e^x leaves the range, one float would be off by 4·10⁻⁶, and so would e^x.
/// </summary>
internal readonly struct WideExponential
{
    /// <summary>Half of it is the power of a normal float, up and down; what is beyond it stays out of range when divided by a number of pairs.</summary>
    private const float LargestPower = 245;

    private const float Log2E = 1.44269504f;

    /// <summary>ln 2 in two parts, the upper one of nine bits, so that its product with a power is exact.</summary>
    private const float Ln2High = 0.693359375f;

    private const float Ln2Low = -2.12194440e-4f;

    private readonly float _factor;
    private readonly int _power;

    /// <summary>e^(<paramref name="scale"/>·(<paramref name="a"/> − <paramref name="b"/> + <paramref name="c"/>)) to about three roundings.</summary>
    public WideExponential(float scale, float a, float b, float c)
    {
        CompensatedSum sum = CompensatedSum.Add(CompensatedSum.Add(CompensatedSum.Add(default, a), -b), c);
        CompensatedSum x = CompensatedSum.AddProduct(default, scale, sum.High);
        x.Low += scale * sum.Low;
        float power = x.High * Log2E;
        power = power > LargestPower ? LargestPower : power < -LargestPower ? -LargestPower : power;
        _power = (int)(power + (power < 0 ? -0.5f : 0.5f));
        float rest = x.High - (_power * Ln2High) - (_power * Ln2Low) + x.Low;

        // Beyond ±ln 2 / 2 only where the power was cut, and the product is 0 or saturates whatever this is.
        _factor = MathF.Exp(rest > 1 ? 1 : rest < -1 ? -1 : rest);
    }

    /// <summary>e^x times a factor that is itself a normal float; infinite beyond the largest float.</summary>
    public float Times(float factor)
    {
        int half = _power / 2;
        return factor * _factor * PowerOfTwo(half) * PowerOfTwo(_power - half);
    }

    private static float PowerOfTwo(int power) => Interop.IntAsFloat((uint)((power + 127) << 23));
}
