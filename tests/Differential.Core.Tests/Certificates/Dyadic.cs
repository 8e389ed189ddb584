using System.Numerics;

namespace Differential.Core.Tests.Certificates;

/// <summary>mantissa · 2^exponent, exactly: every float and double, their sums and products.</summary>
internal readonly record struct Dyadic(BigInteger Mantissa, int Exponent)
{
    public static Dyadic Of(double value)
    {
        if (value == 0)
        {
            return default;
        }

        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        long fraction = bits & 0xFFFFFFFFFFFFF;
        long mantissa = exponent == 0 ? fraction : fraction | (1L << 52);
        int zeros = BitOperations.TrailingZeroCount(mantissa);
        mantissa >>= zeros;
        return new Dyadic(bits < 0 ? -mantissa : mantissa, Math.Max(exponent, 1) - 1075 + zeros);
    }

    public int Sign => Mantissa.Sign;

    public static Dyadic operator +(Dyadic a, Dyadic b)
    {
        if (a.Mantissa.IsZero || b.Mantissa.IsZero)
        {
            return a.Mantissa.IsZero ? b : a;
        }

        return a.Exponent >= b.Exponent
            ? new Dyadic((a.Mantissa << (a.Exponent - b.Exponent)) + b.Mantissa, b.Exponent)
            : new Dyadic(a.Mantissa + (b.Mantissa << (b.Exponent - a.Exponent)), a.Exponent);
    }

    public static Dyadic operator -(Dyadic a, Dyadic b) => a + new Dyadic(-b.Mantissa, b.Exponent);

    public static Dyadic operator *(Dyadic a, Dyadic b) => new(a.Mantissa * b.Mantissa, a.Exponent + b.Exponent);

    public Dyadic Absolute() => this with { Mantissa = BigInteger.Abs(Mantissa) };
}
