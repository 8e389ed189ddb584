using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>Arguments of <see cref="MagnitudeKernels"/>.</summary>
internal readonly struct MagnitudeArguments(ArrayView<float> x, ArrayView<float> partials, ArrayView<float> scale)
{
    public readonly ArrayView<float> X = x;
    public readonly ArrayView<float> Partials = partials;
    public readonly ArrayView<float> Scale = scale;
}

/// <summary>The largest magnitude of a tensor, as the power of two that brings it below the largest half.</summary>
internal static class MagnitudeKernels
{
    /// <summary>One partial result a group.</summary>
    public static void Largest(MagnitudeArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float largest = Strided(arguments.X, Grid.GlobalIndex.X, Grid.DimX * Group.DimX, scratch);
        if (Group.IdxX == 0)
        {
            arguments.Partials[Grid.IdxX] = largest;
        }
    }

    /// <summary>One group: the scale and its inverse. The largest magnitude becomes 2¹⁴ to 2¹⁵; NaN and infinity stay what they are.</summary>
    public static void Scale(MagnitudeArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        float largest = Strided(arguments.Partials, Group.IdxX, Group.DimX, scratch);
        if (Group.IdxX == 0)
        {
            // Exponents with their offset of 127, kept where both powers are normal numbers.
            int exponent = ((int)Interop.FloatAsInt(largest) >> 23) & 255;
            int scale = Math.Max(1, Math.Min(253, 268 - exponent));
            arguments.Scale[0] = Interop.IntAsFloat((uint)(scale << 23));
            arguments.Scale[1] = Interop.IntAsFloat((uint)((254 - scale) << 23));
        }
    }

    private static float Strided(ArrayView<float> x, int first, int stride, ArrayView<float> scratch)
    {
        float largest = 0;
        for (int i = first; i < x.IntLength; i += stride)
        {
            largest = GroupReduction.Larger(largest, MathF.Abs(x[i]));
        }

        return GroupReduction.Max(largest, scratch);
    }
}
