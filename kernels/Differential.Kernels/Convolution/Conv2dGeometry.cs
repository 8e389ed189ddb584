namespace Differential.Kernels.Convolution;

/// <summary>Sizes of a 2-D convolution (cross-correlation, as everywhere in the field).</summary>
/// <param name="Height">Input rows.</param>
/// <param name="Width">Input columns.</param>
/// <param name="Channels">Input channels.</param>
/// <param name="Filters">Output channels.</param>
/// <param name="Size">Rows and columns of the square kernel.</param>
/// <param name="Stride">Step in both directions, at least 1.</param>
/// <param name="Padding">Zeros around the input, at least 0.</param>
public readonly record struct Conv2dGeometry(int Height, int Width, int Channels, int Filters, int Size, int Stride, int Padding)
{
    public int OutputHeight => ((Height + (2 * Padding) - Size) / Stride) + 1;

    public int OutputWidth => ((Width + (2 * Padding) - Size) / Stride) + 1;

    /// <summary>Elements of one input image [height, width, channels].</summary>
    public int InputLength => Height * Width * Channels;

    /// <summary>Elements of one output image [outputHeight, outputWidth, filters].</summary>
    public int OutputLength => OutputHeight * OutputWidth * Filters;

    /// <summary>Elements of the weights [filters, channels, size, size].</summary>
    public int WeightLength => Filters * Channels * Size * Size;

    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range or the kernel is larger than the padded input.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Filters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Stride, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Padding);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Size, Math.Min(Height, Width) + (2 * Padding));
    }
}
