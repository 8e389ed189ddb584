using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>Arguments of <see cref="SplitKernel"/>.</summary>
internal readonly struct SplitArguments<TSink>(ArrayView<float> partials, TSink sink, int rows, int columns, int splits)
    where TSink : struct, ISink
{
    public readonly ArrayView<float> Partials = partials;
    public readonly TSink Sink = sink;
    public readonly int Rows = rows;
    public readonly Divisor Units = new(columns / 4);
    public readonly int Splits = splits;
}

/// <summary>Adds the splits of a product in order, four columns a thread, and hands the sums to their sink.</summary>
internal static class SplitKernel
{
    public static void Run<TSink>(SplitArguments<TSink> arguments)
        where TSink : struct, ISink
    {
        int index = Grid.GlobalIndex.X;
        int size = arguments.Rows * arguments.Units.Value;
        if (index >= size)
        {
            return;
        }

        ArrayView<Float4> partials = arguments.Partials.Cast<Float4>();
        Float4 sum = partials[index];
        for (int split = 1; split < arguments.Splits; split++)
        {
            sum = Float4.Add(sum, partials[(split * size) + index]);
        }

        int row = arguments.Units.Divide(index);
        arguments.Sink.Store(row, (index - (row * arguments.Units.Value)) * 4, sum);
    }
}
