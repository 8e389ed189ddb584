using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Differential.Core.Numerics;

/// <summary>
/// Double-precision vector operations of the host-side theory. The sums always have four lanes, whatever the
/// processor, so that results are the same everywhere.
/// </summary>
internal static class VectorMath
{
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

    /// <summary>x ← factor · x.</summary>
    public static void Scale(Span<double> x, double factor)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] *= factor;
        }
    }

    /// <summary>‖x‖₂.</summary>
    public static double Norm(ReadOnlySpan<double> x) => Math.Sqrt(Dot(x, x));

    /// <summary>a − b, a new array.</summary>
    public static double[] Difference(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double[] result = a.ToArray();
        AddScaled(result, -1, b);
        return result;
    }
}
