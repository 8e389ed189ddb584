using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>The checks that layers share; each failure is an <see cref="ArchitectureException"/>.</summary>
internal static class LayerChecks
{
    public static void Range(LayerPlace place, string name, int value, int low, int high)
    {
        if (value < low || value > high)
        {
            throw new ArchitectureException(place, $"{name} is {value}", $"{low} to {high}");
        }
    }

    public static void Image(LayerPlace place, string kind, Shape input)
    {
        if (input.Rank != 3)
        {
            throw new ArchitectureException(place, $"{kind} on vectors of {input.Length}", "conv and pooling layers stand before flatten and dense, on images");
        }
    }

    public static void Window(LayerPlace place, int size, Shape input, int padding)
    {
        int smallest = Math.Min(input[0], input[1]) + (2 * padding);
        if (size > smallest)
        {
            throw new ArchitectureException(
                place,
                $"size {size} on images of {input[0]} x {input[1]} with padding {padding}",
                $"a size of at most {smallest} here");
        }
    }

    /// <summary>Refuses sizes whose product is beyond what one tensor can hold.</summary>
    public static void Elements(LayerPlace place, string what, params ReadOnlySpan<int> dimensions)
    {
        Int128 elements = 1;
        foreach (int dimension in dimensions)
        {
            elements *= dimension;
        }

        if (elements > NetworkArchitecture.MaxElements)
        {
            throw new ArchitectureException(place, $"{what} would have {elements} elements", $"at most {NetworkArchitecture.MaxElements} in one tensor");
        }
    }
}
