using Differential.Kernels.Gpu;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Rows;

/// <summary>Arguments of <see cref="PerturbationKernels"/>; a kernel takes what it needs.</summary>
internal struct PerturbationArguments
{
    /// <summary>[count, length], changed by steps and projections.</summary>
    public ArrayView<float> X;

    /// <summary>The gradient, or the second operand.</summary>
    public ArrayView<float> Y;

    /// <summary>The origin of the ball, or where a combination goes.</summary>
    public ArrayView<float> Z;

    /// <summary>[count]: steps, or the first factors.</summary>
    public ArrayView<float> A;

    /// <summary>[count]: radii, the second factors, or where norms and dots go.</summary>
    public ArrayView<float> B;
    public float Low;
    public float High;
    public int Count;
    public int HasY;
    public Divisor Length;
}

/// <summary>
/// The arithmetic of attacks. What needs no sum over a row runs with a thread per element; the Euclidean kernels with a
/// group per row, which reads the row again for each pass while it lies in the cache. Squares are formed of elements
/// divided by the row's largest, so that those of tiny gradients do not vanish in float32.
/// </summary>
internal static class PerturbationKernels
{
    /// <summary>A whole projected step of the largest-magnitude norm.</summary>
    public static void StepLinf(PerturbationArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            int row = arguments.Length.Divide(i);
            float moved = PerturbationOperator.MoveBySign<float, SimdScalar>(arguments.X[i], arguments.Y[i], arguments.A[row]);
            arguments.X[i] = PerturbationOperator.ProjectOnBox<float, SimdScalar>(moved, arguments.Z[i], arguments.B[row], arguments.Low, arguments.High);
        }
    }

    public static void MoveLinf(PerturbationArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            arguments.X[i] = PerturbationOperator.MoveBySign<float, SimdScalar>(arguments.X[i], arguments.Y[i], arguments.A[arguments.Length.Divide(i)]);
        }
    }

    public static void ProjectLinf(PerturbationArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            arguments.X[i] = PerturbationOperator.ProjectOnBox<float, SimdScalar>(
                arguments.X[i], arguments.Z[i], arguments.B[arguments.Length.Divide(i)], arguments.Low, arguments.High);
        }
    }

    public static void Clip(PerturbationArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            arguments.X[i] = PerturbationOperator.Clip<float, SimdScalar>(arguments.X[i], arguments.Low, arguments.High);
        }
    }

    public static void Combine(PerturbationArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            int row = arguments.Length.Divide(i);
            arguments.Z[i] = PerturbationOperator.Combine<float, SimdScalar>(arguments.A[row], arguments.X[i], arguments.B[row], arguments.Y[i]);
        }
    }

    /// <summary>A whole projected step of the Euclidean norm.</summary>
    public static void StepL2(PerturbationArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        Move(arguments, scratch);
        Project(arguments, scratch);
    }

    public static void MoveL2(PerturbationArguments arguments) => Move(arguments, SharedMemory.Allocate<float>(GroupReduction.MaxThreads));

    public static void ProjectL2(PerturbationArguments arguments) => Project(arguments, SharedMemory.Allocate<float>(GroupReduction.MaxThreads));

    public static void NormLinf(PerturbationArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float largest = GroupReduction.Max(Largest(arguments), scratch);
        if (Group.IdxX == 0)
        {
            arguments.B[Grid.IdxX] = largest;
        }
    }

    public static void NormL2(PerturbationArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float largest = GroupReduction.Max(Largest(arguments), scratch);
        float sum = 0;
        for (int i = Start(arguments); i < End(arguments); i += Group.DimX)
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

    public static void NormL1(PerturbationArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float sum = 0;
        for (int i = Start(arguments); i < End(arguments); i += Group.DimX)
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
    public static void Dot(PerturbationArguments arguments)
    {
        ArrayView<float> high = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        ArrayView<float> low = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        CompensatedSum sum = default;
        for (int i = Start(arguments); i < End(arguments); i += Group.DimX)
        {
            sum = CompensatedSum.AddProduct(sum, arguments.X[i], arguments.Y[i]);
        }

        float dot = GroupReduction.Sum(sum, high, low);
        if (Group.IdxX == 0)
        {
            arguments.B[Grid.IdxX] = dot;
        }
    }

    private static void Move(in PerturbationArguments arguments, ArrayView<float> scratch)
    {
        float largest = 0;
        for (int i = Start(arguments); i < End(arguments); i += Group.DimX)
        {
            largest = GroupReduction.Larger(largest, MathF.Abs(arguments.Y[i]));
        }

        largest = GroupReduction.Max(largest, scratch);
        float sum = 0;
        for (int i = Start(arguments); i < End(arguments); i += Group.DimX)
        {
            float scaled = arguments.Y[i] / largest;
            sum += scaled * scaled;
        }

        sum = GroupReduction.Sum(sum, scratch);
        if (largest == 0)
        {
            return;
        }

        float factor = arguments.A[Grid.IdxX] / MathF.Sqrt(sum);
        for (int i = Start(arguments); i < End(arguments); i += Group.DimX)
        {
            arguments.X[i] += arguments.Y[i] / largest * factor;
        }
    }

    private static void Project(in PerturbationArguments arguments, ArrayView<float> scratch)
    {
        float sum = 0;
        for (int i = Start(arguments); i < End(arguments); i += Group.DimX)
        {
            float delta = arguments.X[i] - arguments.Z[i];
            sum += delta * delta;
        }

        float distance = MathF.Sqrt(GroupReduction.Sum(sum, scratch));
        float radius = arguments.B[Grid.IdxX];
        float shrink = radius / distance;
        for (int i = Start(arguments); i < End(arguments); i += Group.DimX)
        {
            arguments.X[i] = distance > radius
                ? PerturbationOperator.Shrink<float, SimdScalar>(arguments.X[i], arguments.Z[i], shrink, arguments.Low, arguments.High)
                : PerturbationOperator.Clip<float, SimdScalar>(arguments.X[i], arguments.Low, arguments.High);
        }
    }

    private static float Largest(in PerturbationArguments arguments)
    {
        float largest = 0;
        for (int i = Start(arguments); i < End(arguments); i += Group.DimX)
        {
            largest = GroupReduction.Larger(largest, MathF.Abs(Element(arguments, i)));
        }

        return largest;
    }

    private static float Element(in PerturbationArguments arguments, int i) => arguments.HasY != 0 ? arguments.X[i] - arguments.Y[i] : arguments.X[i];

    private static int Start(in PerturbationArguments arguments) => (Grid.IdxX * arguments.Length.Value) + Group.IdxX;

    private static int End(in PerturbationArguments arguments) => (Grid.IdxX + 1) * arguments.Length.Value;
}
