using System.Runtime.Intrinsics;

namespace Differential.Kernels.Rows;

/// <summary>
/// Norms and dot products of rows. Squares and products are formed and added in double precision in a fixed order of
/// lanes, the same for every vector width: squares of tiny gradients must not vanish, and a row's result must not
/// depend on the machine.
/// </summary>
internal static unsafe class RowSums
{
    private interface ITerm
    {
        static abstract Vector512<double> Of(Vector512<double> a, Vector512<double> b);

        static abstract double Of(double a, double b);
    }

    /// <summary>⟨a, b⟩.</summary>
    public static double Dot(float* a, float* b, int length) => Sum<Product>(a, b, length);

    /// <summary>‖a − b‖₂, or ‖a‖₂ where b is null.</summary>
    public static double L2(float* a, float* b, int length) =>
        Math.Sqrt(b is null ? Sum<Product>(a, a, length) : Sum<SquaredDifference>(a, b, length));

    /// <summary>‖a − b‖₁, or ‖a‖₁ where b is null.</summary>
    public static double L1(float* a, float* b, int length) => b is null ? Sum<Magnitude>(a, a, length) : Sum<Distance>(a, b, length);

    /// <summary>
    /// The threshold by which each |a − b| is made smaller, down to 0, so that their sum becomes <paramref name="radius"/>; 0 where it is no larger already.
    /// From below: the mean excess of those above the last threshold (Michelot 1986), until these stay the same.
    /// </summary>
    public static double L1Threshold(float* a, float* b, int length, double radius)
    {
        double sum = L1(a, b, length);
        if (!(sum > radius))
        {
            return 0;
        }

        double threshold = (sum - radius) / length;
        for (int count = length; ;)
        {
            (sum, int above) = (0, 0);
            for (int i = 0; i < length; i++)
            {
                double size = Math.Abs((double)a[i] - b[i]);
                (sum, above) = size > threshold ? (sum + size, above + 1) : (sum, above);
            }

            if (above == 0 || above == count)
            {
                return threshold;
            }

            (count, threshold) = (above, Math.Max(threshold, (sum - radius) / above));
        }
    }

    /// <summary>The largest |a − b|, or |a| where b is null; NaN if one is NaN.</summary>
    public static float Linf(float* a, float* b, int length)
    {
        Vector512<float> largest = Vector512<float>.Zero;
        int i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> difference = b is null ? Vector512.Load(a + i) : Vector512.Load(a + i) - Vector512.Load(b + i);
            largest = Vector512.Max(largest, Vector512.Abs(difference));
        }

        float result = 0;
        for (int lane = 0; lane < Vector512<float>.Count; lane++)
        {
            result = MathF.Max(result, largest[lane]);
        }

        for (; i < length; i++)
        {
            result = MathF.Max(result, MathF.Abs(b is null ? a[i] : a[i] - b[i]));
        }

        return result;
    }

    private static double Sum<TTerm>(float* a, float* b, int length)
        where TTerm : struct, ITerm
    {
        Vector512<double> low = Vector512<double>.Zero;
        Vector512<double> high = Vector512<double>.Zero;
        int i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            (Vector512<double> lowA, Vector512<double> highA) = Vector512.Widen(Vector512.Load(a + i));
            (Vector512<double> lowB, Vector512<double> highB) = Vector512.Widen(Vector512.Load(b + i));
            low += TTerm.Of(lowA, lowB);
            high += TTerm.Of(highA, highB);
        }

        low += high;
        double sum = 0;
        for (int lane = 0; lane < Vector512<double>.Count; lane++)
        {
            sum += low[lane];
        }

        for (; i < length; i++)
        {
            sum += TTerm.Of(a[i], b[i]);
        }

        return sum;
    }

    private readonly struct Product : ITerm
    {
        public static Vector512<double> Of(Vector512<double> a, Vector512<double> b) => a * b;

        public static double Of(double a, double b) => a * b;
    }

    private readonly struct SquaredDifference : ITerm
    {
        public static Vector512<double> Of(Vector512<double> a, Vector512<double> b) => (a - b) * (a - b);

        public static double Of(double a, double b) => (a - b) * (a - b);
    }

    private readonly struct Magnitude : ITerm
    {
        public static Vector512<double> Of(Vector512<double> a, Vector512<double> b) => Vector512.Abs(a);

        public static double Of(double a, double b) => Math.Abs(a);
    }

    private readonly struct Distance : ITerm
    {
        public static Vector512<double> Of(Vector512<double> a, Vector512<double> b) => Vector512.Abs(a - b);

        public static double Of(double a, double b) => Math.Abs(a - b);
    }
}
