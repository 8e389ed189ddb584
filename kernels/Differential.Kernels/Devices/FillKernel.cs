using ILGPU;

namespace Differential.Kernels.Devices;

internal readonly struct FillArguments<T>(ArrayView<T> y, T value)
    where T : unmanaged
{
    public readonly ArrayView<T> Y = y;
    public readonly T Value = value;
}

/// <summary>y[i] = value.</summary>
internal static class FillKernel
{
    public static void Run<T>(FillArguments<T> arguments)
        where T : unmanaged
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Y.IntLength)
        {
            arguments.Y[i] = arguments.Value;
        }
    }
}
