using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Differential.Core.Numerics;

/// <summary>
/// Double-precision vector operations of the host-side theory. The sums always have four lanes, whatever the
/// processor, so that results are the same everywhere.
/// </summary>
internal static class VectorMath
{
    /// <summary>Below this the squares of elements that count may have underflowed.</summary>
    private const double SmallestSquares = 1e-280;

    /// <summary>⟨a, b⟩.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, b.Length, nameof(b));
        ReadOnlySpan<Vector256<double>> wideA = MemoryMarshal.Cast<double, Vector256<double>>(a);
        ReadOnlySpan<Vector256<double>> wideB = MemoryMarshal.Cast<double, Vector256<double>>(b);
        Vector256<double> lanes = Vector256<double>.Zero;
        for (int i = 0; i < wideA.Length; i++)
        {
            lanes += wideA[i] * wideB[i];
        }

        double sum = Vector256.Sum(lanes);
        for (int i = wideA.Length * Vector256<double>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>target += factor · x.</summary>
    public static void AddScaled(Span<double> target, double factor, ReadOnlySpan<double> x)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, x.Length, nameof(x));
        Span<Vector256<double>> wideTarget = MemoryMarshal.Cast<double, Vector256<double>>(target);
        ReadOnlySpan<Vector256<double>> wideX = MemoryMarshal.Cast<double, Vector256<double>>(x);
        for (int i = 0; i < wideTarget.Length; i++)
        {
            wideTarget[i] += wideX[i] * factor;
        }

        for (int i = wideTarget.Length * Vector256<double>.Count; i < target.Length; i++)
        {
            target[i] += factor * x[i];
        }
    }

    /// <summary>sums += w·x, spreads += |w|·width, magnitudes += |w·x|, for a number x.</summary>
    public static void AddScaled(ReadOnlySpan<double> w, double x, double width, Span<double> sums, Span<double> spreads, Span<double> magnitudes)
    {
        ReadOnlySpan<Vector256<double>> wideW = MemoryMarshal.Cast<double, Vector256<double>>(w);
        Span<Vector256<double>> wideSums = MemoryMarshal.Cast<double, Vector256<double>>(sums)[..wideW.Length];
        Span<Vector256<double>> wideSpreads = MemoryMarshal.Cast<double, Vector256<double>>(spreads)[..wideW.Length];
        Span<Vector256<double>> wideMagnitudes = MemoryMarshal.Cast<double, Vector256<double>>(magnitudes)[..wideW.Length];
        for (int i = 0; i < wideW.Length; i++)
        {
            Vector256<double> products = wideW[i] * x;
            wideSums[i] += products;
            wideMagnitudes[i] += Vector256.Abs(products);
            wideSpreads[i] += Vector256.Abs(wideW[i]) * width;
        }

        for (int i = wideW.Length * Vector256<double>.Count; i < w.Length; i++)
        {
            sums[i] += w[i] * x;
            magnitudes[i] += Math.Abs(w[i] * x);
            spreads[i] += Math.Abs(w[i]) * width;
        }
    }

    /// <summary>target += |x| + width.</summary>
    public static void AddSizes(ReadOnlySpan<double> x, ReadOnlySpan<double> width, Span<double> target)
    {
        ReadOnlySpan<Vector256<double>> wideX = MemoryMarshal.Cast<double, Vector256<double>>(x);
        ReadOnlySpan<Vector256<double>> wideWidth = MemoryMarshal.Cast<double, Vector256<double>>(width)[..wideX.Length];
        Span<Vector256<double>> wideTarget = MemoryMarshal.Cast<double, Vector256<double>>(target)[..wideX.Length];
        for (int i = 0; i < wideX.Length; i++)
        {
            wideTarget[i] += Vector256.Abs(wideX[i]) + wideWidth[i];
        }

        for (int i = wideX.Length * Vector256<double>.Count; i < x.Length; i++)
        {
            target[i] += Math.Abs(x[i]) + width[i];
        }
    }

    /// <summary>Σwx, Σ|w|r and Σ|wx|.</summary>
    public static (double Sum, double Spread, double Magnitude) Sums(ReadOnlySpan<double> w, ReadOnlySpan<double> x, ReadOnlySpan<double> r)
    {
        ReadOnlySpan<Vector256<double>> wideW = MemoryMarshal.Cast<double, Vector256<double>>(w);
        ReadOnlySpan<Vector256<double>> wideX = MemoryMarshal.Cast<double, Vector256<double>>(x);
        ReadOnlySpan<Vector256<double>> wideR = MemoryMarshal.Cast<double, Vector256<double>>(r);
        (Vector256<double> sums, Vector256<double> spreads, Vector256<double> magnitudes) = (default, default, default);
        for (int i = 0; i < wideW.Length; i++)
        {
            Vector256<double> products = wideW[i] * wideX[i];
            sums += products;
            magnitudes += Vector256.Abs(products);
            spreads += Vector256.Abs(wideW[i]) * wideR[i];
        }

        (double sum, double spread, double magnitude) = (Vector256.Sum(sums), Vector256.Sum(spreads), Vector256.Sum(magnitudes));
        for (int i = wideW.Length * Vector256<double>.Count; i < w.Length; i++)
        {
            sum += w[i] * x[i];
            magnitude += Math.Abs(w[i] * x[i]);
            spread += Math.Abs(w[i]) * r[i];
        }

        return (sum, spread, magnitude);
    }

    /// <summary>x ← factor · x.</summary>
    public static void Scale(Span<double> x, double factor)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] *= factor;
        }
    }

    /// <summary>‖x‖₂, of any size: where squares overflow or underflow, of x over a power of two.</summary>
    public static double Norm(ReadOnlySpan<double> x)
    {
        double squares = Dot(x, x);
        if (double.IsFinite(squares) && squares > SmallestSquares)
        {
            return Math.Sqrt(squares);
        }

        double largest = 0;
        foreach (double value in x)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        if (largest == 0 || !double.IsFinite(largest))
        {
            return largest;
        }

        int exponent = Math.ILogB(largest);
        double sum = 0;
        foreach (double value in x)
        {
            double scaled = Math.ScaleB(value, -exponent);
            sum += scaled * scaled;
        }

        return Math.ScaleB(Math.Sqrt(sum), exponent);
    }

    /// <summary>a − b, a new array.</summary>
    public static double[] Difference(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double[] result = a.ToArray();
        AddScaled(result, -1, b);
        return result;
    }
}
