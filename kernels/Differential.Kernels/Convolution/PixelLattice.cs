namespace Differential.Kernels.Convolution;

/// <summary>Pixels of an image at equal distances: element (i, j) lies at row <c>Row + i·Step</c> and column <c>Column + j·Step</c>, which may be outside.</summary>
/// <param name="Height">Rows of an image [height, width, channels].</param>
/// <param name="Width">Its columns.</param>
/// <param name="Channels">Floats of a pixel.</param>
/// <param name="Step">Pixels from an element to the next, in both directions.</param>
/// <param name="Row">Row of the first element.</param>
/// <param name="Column">Column of the first element.</param>
internal readonly unsafe record struct PixelLattice(int Height, int Width, int Channels, int Step, int Row, int Column)
{
    /// <summary>Where the pixels of a square of elements lie, row by row.</summary>
    /// <param name="images">The images.</param>
    /// <param name="image">Number of the image.</param>
    /// <param name="top">First row of elements.</param>
    /// <param name="left">First column of elements.</param>
    /// <param name="extent">Rows and columns.</param>
    /// <param name="outside">Given for those outside the image.</param>
    /// <param name="pixels">Overwritten.</param>
    public void Pixels(float* images, nint image, int top, int left, int extent, float* outside, float** pixels)
    {
        float* first = images + (image * Height * Width * Channels);
        int y = Row + (top * Step);
        for (int row = 0; row < extent; row++, y += Step, pixels += extent)
        {
            float* line = first + ((nint)y * Width * Channels);
            int x = Column + (left * Step);
            for (int column = 0; column < extent; column++, x += Step)
            {
                pixels[column] = (uint)y < (uint)Height && (uint)x < (uint)Width ? line + ((nint)x * Channels) : outside;
            }
        }
    }
}
