using Differential.Kernels.Gpu;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Rows;

/// <summary>
/// The kernels of <see cref="RowArithmetic"/>: a thread per element, or a group per row where there is a sum over it. Squares are formed of
/// elements divided by the row's largest, so that those of tiny numbers do not vanish in float32.
/// </summary>
internal static class RowKernels
{
    public static void Clip(RowArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            arguments.X[i] = RowOperator.Clip<float, SimdScalar>(arguments.X[i], arguments.Low, arguments.High);
        }
    }

    public static void Combine(RowArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            int row = arguments.Length.Divide(i);
            arguments.Z[i] = RowOperator.Combine<float, SimdScalar>(arguments.A[row], arguments.X[i], arguments.B[row], arguments.Y[i]);
        }
    }

    public static void NormLinf(RowArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float largest = GroupReduction.Max(Largest(arguments), scratch);
        if (Group.IdxX == 0)
        {
            arguments.B[Grid.IdxX] = largest;
        }
    }

    public static void NormL2(RowArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float largest = GroupReduction.Max(Largest(arguments), scratch);
        float sum = 0;
        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
        {
            float scaled = largest > 0 ? Element(arguments, i) / largest : 0;
            sum += scaled * scaled;
        }

        float norm = largest * MathF.Sqrt(GroupReduction.Sum(sum, scratch));
        if (Group.IdxX == 0)
        {
            arguments.B[Grid.IdxX] = norm;
        }
    }

    public static void NormL1(RowArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float sum = 0;
        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
        {
            sum += MathF.Abs(Element(arguments, i));
        }

        sum = GroupReduction.Sum(sum, scratch);
        if (Group.IdxX == 0)
        {
            arguments.B[Grid.IdxX] = sum;
        }
    }

    /// <summary>Products of a row may cancel: they are added without rounding.</summary>
    public static void Dot(RowArguments arguments)
    {
        ArrayView<float> high = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        ArrayView<float> low = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        CompensatedSum sum = default;
        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
        {
            sum = CompensatedSum.AddProduct(sum, arguments.X[i], arguments.Y[i]);
        }

        float dot = GroupReduction.Sum(sum, high, low);
        if (Group.IdxX == 0)
        {
            arguments.B[Grid.IdxX] = dot;
        }
    }

    private static float Largest(in RowArguments arguments)
    {
        float largest = 0;
        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
        {
            largest = GroupReduction.Larger(largest, MathF.Abs(Element(arguments, i)));
        }

        return largest;
    }

    private static float Element(in RowArguments arguments, int i) => arguments.HasY != 0 ? arguments.X[i] - arguments.Y[i] : arguments.X[i];
}
