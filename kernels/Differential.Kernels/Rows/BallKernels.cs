using Differential.Kernels.Gpu;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Rows;

/// <summary>
/// The kernels of <see cref="BallStep"/>. What needs no sum over a row runs with a thread per element; the Euclidean kernels with a
/// group per row, which reads the row again for each pass while it lies in the cache. Squares are formed of elements
/// divided by the row's largest, so that those of tiny gradients do not vanish in float32.
/// </summary>
internal static class BallKernels
{
    /// <summary>Rounds in which the threshold of an L1 projection is found, at most; some ten suffice.</summary>
    private const int L1Rounds = 100;

    /// <summary>A whole projected step of the largest-magnitude norm.</summary>
    public static void StepLinf(RowArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            int row = arguments.Length.Divide(i);
            float moved = BallOperator.MoveBySign<float, SimdScalar>(arguments.X[i], arguments.Y[i], arguments.A[row]);
            arguments.X[i] = BallOperator.ProjectOnBox<float, SimdScalar>(moved, arguments.Z[i], arguments.B[row], arguments.Low, arguments.High);
        }
    }

    public static void MoveLinf(RowArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            arguments.X[i] = BallOperator.MoveBySign<float, SimdScalar>(arguments.X[i], arguments.Y[i], arguments.A[arguments.Length.Divide(i)]);
        }
    }

    public static void ProjectLinf(RowArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Count * arguments.Length.Value)
        {
            arguments.X[i] = BallOperator.ProjectOnBox<float, SimdScalar>(
                arguments.X[i], arguments.Z[i], arguments.B[arguments.Length.Divide(i)], arguments.Low, arguments.High);
        }
    }

    /// <summary>A whole projected step of the Euclidean norm.</summary>
    public static void StepL2(RowArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        Move(arguments, scratch);
        Project(arguments, scratch);
    }

    public static void MoveL2(RowArguments arguments) => Move(arguments, SharedMemory.Allocate<float>(GroupReduction.MaxThreads));

    public static void ProjectL2(RowArguments arguments) => Project(arguments, SharedMemory.Allocate<float>(GroupReduction.MaxThreads));

    /// <summary>The threshold of the projection as on the CPU, in float32; rounds are the same for all threads of a group.</summary>
    public static void ProjectL1(RowArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float radius = arguments.B[Grid.IdxX];
        float threshold = -1;
        float count = -1;
        for (int round = 0; round < L1Rounds; round++)
        {
            float sum = 0;
            float above = 0;
            for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
            {
                float size = MathF.Abs(arguments.X[i] - arguments.Z[i]);
                sum += size > threshold ? size : 0;
                above += size > threshold ? 1 : 0;
            }

            sum = GroupReduction.Sum(sum, scratch);
            above = GroupReduction.Sum(above, scratch);
            if (above == 0 || above == count || !(sum > radius))
            {
                break;
            }

            count = above;
            float next = (sum - radius) / above;
            threshold = next > threshold ? next : threshold;
        }

        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
        {
            arguments.X[i] = threshold > 0
                ? BallOperator.ShrinkBy<float, SimdScalar>(arguments.X[i], arguments.Z[i], threshold, arguments.Low, arguments.High)
                : RowOperator.Clip<float, SimdScalar>(arguments.X[i], arguments.Low, arguments.High);
        }
    }

    private static void Move(in RowArguments arguments, ArrayView<float> scratch)
    {
        float largest = 0;
        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
        {
            largest = GroupReduction.Larger(largest, MathF.Abs(arguments.Y[i]));
        }

        largest = GroupReduction.Max(largest, scratch);
        float sum = 0;
        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
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
        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
        {
            arguments.X[i] += arguments.Y[i] / largest * factor;
        }
    }

    private static void Project(in RowArguments arguments, ArrayView<float> scratch)
    {
        float sum = 0;
        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
        {
            float delta = arguments.X[i] - arguments.Z[i];
            sum += delta * delta;
        }

        float distance = MathF.Sqrt(GroupReduction.Sum(sum, scratch));
        float radius = arguments.B[Grid.IdxX];
        float shrink = radius / distance;
        for (int i = arguments.Start; i < arguments.End; i += Group.DimX)
        {
            arguments.X[i] = distance > radius
                ? BallOperator.Shrink<float, SimdScalar>(arguments.X[i], arguments.Z[i], shrink, arguments.Low, arguments.High)
                : RowOperator.Clip<float, SimdScalar>(arguments.X[i], arguments.Low, arguments.High);
        }
    }
}
