using Differential.Kernels.Gpu;

namespace Differential.Kernels.Losses;

/// <summary>
/// e^x for x of which e^x is beyond float's range but a product with it is not. The exponent is kept in two floats: at 90, where e^x
/// leaves the range, one float would be off by 4·10⁻⁶, and so would e^x.
/// </summary>
internal readonly struct WideExponential
{
    private readonly ReducedExponential _value;

    /// <summary>e^(<paramref name="scale"/>·(<paramref name="a"/> − <paramref name="b"/> + <paramref name="c"/>)) to about three roundings.</summary>
    public WideExponential(float scale, float a, float b, float c)
    {
        CompensatedSum sum = CompensatedSum.Add(CompensatedSum.Add(CompensatedSum.Add(default, a), -b), c);
        CompensatedSum x = CompensatedSum.AddProduct(default, scale, sum.High);
        x.Low += scale * sum.Low;
        _value = new ReducedExponential(x.High, x.Low);
    }

    /// <summary>e^x times a factor that is itself a normal float; infinite beyond the largest float.</summary>
    public float Times(float factor) => _value.Times(factor);
}
