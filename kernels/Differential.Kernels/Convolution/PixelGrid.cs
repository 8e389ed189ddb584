using Differential.Kernels.Gpu;

namespace Differential.Kernels.Convolution;

/// <summary>The pixels of a stack of images, numbered in the order of memory: (image, row, column).</summary>
/// <remarks>
/// Apart from <see cref="PixelOrder"/>, its inverse, because a product's kernel needs one of the two for each side of a
/// convolution: with both in one structure for each side, ILGPU left the arguments in memory instead of registers.
/// </remarks>
internal readonly struct PixelGrid(int height, int width)
{
    private readonly int _height = height;
    private readonly int _width = width;

    public bool Contains(int row, int column) => ((uint)row < (uint)_height) & ((uint)column < (uint)_width);

    /// <summary>The number of a pixel that the grid contains.</summary>
    public int Number(int image, int row, int column) => (((image * _height) + row) * _width) + column;
}

/// <summary>Where the pixel of a number lies in a <see cref="PixelGrid"/>.</summary>
internal readonly struct PixelOrder(int height, int width)
{
    private readonly Divisor _width = new(width);
    private readonly Divisor _area = new(height * width);

    public Pixel At(int number)
    {
        int image = _area.Divide(number);
        int rest = number - (image * _area.Value);
        int row = _width.Divide(rest);
        return new Pixel(image, row, rest - (row * _width.Value));
    }
}

/// <summary>An image of a stack, a row and a column, which may lie in the padding.</summary>
internal readonly struct Pixel(int image, int row, int column)
{
    public readonly int Image = image;
    public readonly int Row = row;
    public readonly int Column = column;
}
