using Differential.Core.Arrays;
using Differential.Kernels.Devices;

namespace Differential.Core.Data;

/// <summary>What the dimensions of an array of samples mean.</summary>
public enum ArrayLayout
{
    /// <summary>[samples, height, width]: grey images.</summary>
    Nhw,

    /// <summary>[samples, height, width, channels].</summary>
    Nhwc,

    /// <summary>[samples, channels, height, width].</summary>
    Nchw,

    /// <summary>[samples, features]: points; further dimensions are features too.</summary>
    Nd,
}

/// <summary>The layout of an array at hand.</summary>
/// <param name="Layout">What its dimensions mean.</param>
/// <param name="Sample">[height, width, channels] or [features].</param>
internal sealed record SampleLayout(ArrayLayout Layout, Shape Sample)
{
    public bool IsImages => Layout != ArrayLayout.Nd;

    /// <summary>The layout that the options name, or that the shape leaves no doubt of: 1 or 3 is a number of channels.</summary>
    /// <exception cref="InputException">The dimensions do not fit, or leave a doubt.</exception>
    public static SampleLayout Of(StoredArray array, ArrayLayout? named)
    {
        IReadOnlyList<int> d = array.Dimensions;
        bool first = d.Count == 4 && d[1] is 1 or 3;
        bool last = d.Count == 4 && d[3] is 1 or 3;
        ArrayLayout? layout = named ?? d.Count switch
        {
            2 => ArrayLayout.Nd,
            3 => ArrayLayout.Nhw,
            4 when first != last => first ? ArrayLayout.Nchw : ArrayLayout.Nhwc,
            _ => null,
        };
        Shape? sample = (layout, d.Count) switch
        {
            (ArrayLayout.Nhw, 3) => new Shape(d[1], d[2], 1),
            (ArrayLayout.Nhwc, 4) => new Shape(d[1], d[2], d[3]),
            (ArrayLayout.Nchw, 4) => new Shape(d[2], d[3], d[1]),
            (ArrayLayout.Nd, >= 2) => new Shape(array.SampleLength),
            _ => null,
        };
        return sample is not null
            ? new SampleLayout(layout!.Value, sample)
            : throw array.Source.Mistake(
                string.Empty,
                $"an array of the shape ({string.Join(", ", d)})",
                layout is null && d.Count == 4
                    ? "\"layout\": \"nhwc\" or \"nchw\", where it is not clear which number is that of the channels"
                    : named is null ? "[N, D], [N, H, W], [N, H, W, C] or [N, C, H, W]" : $"an array that the layout {named.ToString()!.ToLowerInvariant()} fits");
    }

    /// <summary>Puts the values of a sample into the order height, width, channel.</summary>
    public void Arrange<T>(ReadOnlySpan<T> stored, Span<T> sample)
    {
        if (Layout != ArrayLayout.Nchw)
        {
            stored.CopyTo(sample);
            return;
        }

        int channels = Sample[2];
        int area = Sample[0] * Sample[1];
        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < area; i++)
            {
                sample[(i * channels) + c] = stored[(c * area) + i];
            }
        }
    }
}
