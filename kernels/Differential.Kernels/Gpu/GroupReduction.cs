using ILGPU;

namespace Differential.Kernels.Gpu;

/// <summary>
/// Reductions over the threads of a group as a tree in shared memory: the order is fixed by the group's size, a power
/// of two, so that a device gives the same bits each time. ILGPU's own reductions use atomics on some devices.
/// </summary>
internal static class GroupReduction
{
    /// <summary>The largest group.</summary>
    public const int MaxThreads = 256;

    /// <summary>The sum of every thread's value, in all threads. <paramref name="scratch"/> has <see cref="MaxThreads"/> elements.</summary>
    public static float Sum(float value, ArrayView<float> scratch)
    {
        int thread = Group.IdxX;
        scratch[thread] = value;
        GroupMemory.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half)
            {
                scratch[thread] += scratch[thread + half];
            }

            GroupMemory.Barrier();
        }

        float sum = scratch[0];
        GroupMemory.Barrier();
        return sum;
    }

    /// <summary>The sum of every thread's compensated sum; both scratches have <see cref="MaxThreads"/> elements.</summary>
    public static float Sum(CompensatedSum value, ArrayView<float> high, ArrayView<float> low)
    {
        int thread = Group.IdxX;
        high[thread] = value.High;
        low[thread] = value.Low;
        GroupMemory.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half)
            {
                value = CompensatedSum.Add(value, high[thread + half]);
                value.Low += low[thread + half];
                high[thread] = value.High;
                low[thread] = value.Low;
            }

            GroupMemory.Barrier();
        }

        float sum = high[0] + low[0];
        GroupMemory.Barrier();
        return sum;
    }

    /// <summary>The largest of every thread's value, in all threads; a NaN counts as largest.</summary>
    public static float Max(float value, ArrayView<float> scratch)
    {
        int thread = Group.IdxX;
        scratch[thread] = value;
        GroupMemory.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half)
            {
                scratch[thread] = Larger(scratch[thread], scratch[thread + half]);
            }

            GroupMemory.Barrier();
        }

        float largest = scratch[0];
        GroupMemory.Barrier();
        return largest;
    }

    /// <summary>The larger one; NaN if one is NaN.</summary>
    public static float Larger(float a, float b) => float.IsNaN(a) || a > b ? a : b;
}
