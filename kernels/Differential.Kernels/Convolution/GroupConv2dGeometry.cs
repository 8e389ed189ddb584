namespace Differential.Kernels.Convolution;

/// <summary>Sizes of a 2-D convolution with groups, dilations, and steps and paddings of their own in each direction.</summary>
/// <param name="Height">Input rows.</param>
/// <param name="Width">Input columns.</param>
/// <param name="Channels">Input channels, a multiple of the groups.</param>
/// <param name="Filters">Output channels, a multiple of the groups.</param>
/// <param name="Groups">Equal parts of the channels and of the filters that are convolved by themselves.</param>
/// <param name="Vertical">Along the rows.</param>
/// <param name="Horizontal">Along the columns.</param>
public readonly record struct GroupConv2dGeometry(int Height, int Width, int Channels, int Filters, int Groups, WindowSteps Vertical, WindowSteps Horizontal)
{
    public int OutputHeight => Vertical.Outputs(Height);

    public int OutputWidth => Horizontal.Outputs(Width);

    /// <summary>Channels that one filter sees.</summary>
    public int GroupChannels => Channels / Groups;

    public int GroupFilters => Filters / Groups;

    /// <summary>Elements of one input image [height, width, channels].</summary>
    public int InputLength => Height * Width * Channels;

    /// <summary>Elements of one output image [outputHeight, outputWidth, filters].</summary>
    public int OutputLength => OutputHeight * OutputWidth * Filters;

    /// <summary>Elements of the weights [filters, channels / groups, rows, columns].</summary>
    public int WeightLength => Filters * GroupChannels * Vertical.Size * Horizontal.Size;

    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range, or the kernel is larger than the padded input.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Filters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Groups, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Channels % Groups, 0, nameof(Channels));
        ArgumentOutOfRangeException.ThrowIfNotEqual(Filters % Groups, 0, nameof(Filters));
        Vertical.Validate(Height);
        Horizontal.Validate(Width);
    }
}

/// <summary>A convolution along one axis.</summary>
/// <param name="Size">Of the kernel.</param>
/// <param name="Stride">Step from one output to the next.</param>
/// <param name="Dilation">Step from one element of the kernel to the next.</param>
/// <param name="Before">Zeros before the input.</param>
/// <param name="After">Zeros behind the input.</param>
public readonly record struct WindowSteps(int Size, int Stride, int Dilation, int Before, int After)
{
    /// <summary>Inputs from the kernel's first element to its last.</summary>
    public int Extent => ((Size - 1) * Dilation) + 1;

    public int Outputs(int inputs) => ((inputs + Before + After - Extent) / Stride) + 1;

    internal void Validate(int inputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Stride, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Dilation, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Before);
        ArgumentOutOfRangeException.ThrowIfNegative(After);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Extent, inputs + Before + After);
    }
}
