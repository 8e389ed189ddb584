namespace Differential.Kernels.Gpu;

/// <summary>
/// A sum in two floats, about twice float's precision, for devices that may lack doubles (Knuth's two-sum, Dekker's
/// product). A compiler that fuses a product and a sum changes nothing: the products of halves are exact.
/// </summary>
internal struct CompensatedSum
{
    public float High;
    public float Low;

    public static CompensatedSum Add(CompensatedSum sum, float value)
    {
        CompensatedSum result;
        result.High = sum.High + value;
        float taken = result.High - sum.High;
        result.Low = sum.Low + (sum.High - (result.High - taken)) + (value - taken);
        return result;
    }

    /// <summary>The sum plus a·b without rounding the product; |a| and |b| below 10³⁴.</summary>
    public static CompensatedSum AddProduct(CompensatedSum sum, float a, float b)
    {
        float product = a * b;
        float aHigh = Half(a);
        float bHigh = Half(b);
        float aLow = a - aHigh;
        float bLow = b - bHigh;
        float error = (aHigh * bHigh) - product;
        error += aHigh * bLow;
        error += aLow * bHigh;
        error += aLow * bLow;
        CompensatedSum result = Add(sum, product);
        result.Low += error;
        return result;
    }

    /// <summary>The upper half of a float's digits: 4097 = 2¹² + 1.</summary>
    private static float Half(float value)
    {
        float scaled = value * 4097;
        return scaled - (scaled - value);
    }
}
