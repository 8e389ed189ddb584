using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Convolution;

/// <summary>Arguments of <see cref="WeightPacking"/>.</summary>
internal readonly struct WeightPackingArguments(ArrayView<float> weights, ArrayView<float> packed, in Conv2dGeometry geometry)
{
    public readonly ArrayView<float> Weights = weights;
    public readonly ArrayView<float> Packed = packed;
    public readonly Divisor Filters = new(geometry.Filters);
    public readonly Divisor Channels = new(geometry.Channels);
    public readonly Divisor Area = new(geometry.Size * geometry.Size);
}

/// <summary>
/// Brings weights [filters, channels, area] into the order in which a product reads them; the input gradient reads them
/// with filters and channels in each other's place.
/// </summary>
internal static class WeightPacking
{
    /// <summary>Packed [area, channels, filters].</summary>
    public static void FiltersLast(WeightPackingArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Packed.IntLength)
        {
            int tap = arguments.Filters.Divide(i);
            int position = arguments.Channels.Divide(tap);
            arguments.Packed[i] = arguments.Weights[Source(arguments, i - (tap * arguments.Filters.Value), tap - (position * arguments.Channels.Value), position)];
        }
    }

    /// <summary>Packed [area, filters, channels].</summary>
    public static void ChannelsLast(WeightPackingArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Packed.IntLength)
        {
            int tap = arguments.Channels.Divide(i);
            int position = arguments.Filters.Divide(tap);
            arguments.Packed[i] = arguments.Weights[Source(arguments, tap - (position * arguments.Filters.Value), i - (tap * arguments.Channels.Value), position)];
        }
    }

    private static int Source(in WeightPackingArguments arguments, int filter, int channel, int position) =>
        (((filter * arguments.Channels.Value) + channel) * arguments.Area.Value) + position;
}
