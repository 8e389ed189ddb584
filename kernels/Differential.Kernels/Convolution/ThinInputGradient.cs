using System.Runtime.CompilerServices;
using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The input gradient of a convolution with few input channels, such as a network's first. Channels alone would leave
/// most of a vector empty; here vectors run over all (kernel row, kernel column, channel) of an output pixel, and the
/// products of a row of pixels are added to the input rows they belong to. An image is one chunk, its sums in order.
/// </summary>
internal sealed unsafe class ThinInputGradient : IDisposable
{
    private const int MaxRowProducts = 32 * 1024;

    private readonly SimdDevice _device;
    private readonly Conv2dGeometry _geometry;
    private readonly WorkspaceLease _packed;
    private readonly int _width;

    public ThinInputGradient(SimdDevice device, Conv2dGeometry geometry)
    {
        _device = device;
        _geometry = geometry;
        _width = device.Tiles.Pad(PixelProducts(geometry));
        _packed = new WorkspaceLease(device, geometry.Filters * _width);
    }

    /// <summary>Whether this way takes fewer instructions than vectors over the channels, and fits on the stack.</summary>
    public static bool Suits(TileSet tiles, Conv2dGeometry geometry)
    {
        int products = PixelProducts(geometry);

        // Vector products per output pixel; a float added to the input row costs about two of them.
        long direct = (long)geometry.Filters * geometry.Size * geometry.Size * (tiles.Pad(geometry.Channels) / tiles.Length);
        long thin = ((long)geometry.Filters * (tiles.Pad(products) / tiles.Length)) + (2L * products);
        return thin < direct && (long)geometry.OutputWidth * tiles.Pad(products) <= MaxRowProducts;
    }

    /// <summary>Makes room for the packed weights.</summary>
    public void Reserve() => _packed.Reserve();

    /// <summary>dx = the gradient by the input, overwritten.</summary>
    public void Run(float* dy, float* weight, float* dx, int count)
    {
        float* packed = _packed.Pointer();
        new Span<float>(packed, _geometry.Filters * _width).Clear();
        int taps = _geometry.Size * _geometry.Size;
        for (int filter = 0; filter < _geometry.Filters; filter++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                for (int channel = 0; channel < _geometry.Channels; channel++)
                {
                    packed[(filter * _width) + (tap * _geometry.Channels) + channel] = weight[(((filter * _geometry.Channels) + channel) * taps) + tap];
                }
            }
        }

        _device.For(count, new Body(this, dy, packed, dx));
    }

    public void Dispose() => _packed.Dispose();

    private static int PixelProducts(Conv2dGeometry geometry) => geometry.Size * geometry.Size * geometry.Channels;

    [SkipLocalsInit]
    private void RunImage(float* dy, float* packed, float* dx)
    {
        float* products = stackalloc float[_geometry.OutputWidth * _width];
        new Span<float>(dx, _geometry.InputLength).Clear();
        for (int row = 0; row < _geometry.OutputHeight; row++)
        {
            Multiply(dy + ((nint)row * _geometry.OutputWidth * _geometry.Filters), packed, products);
            int top = (row * _geometry.Stride) - _geometry.Padding;
            int from = Math.Max(0, -top);
            int to = Math.Min(_geometry.Size, _geometry.Height - top);
            for (int kernelRow = from; kernelRow < to; kernelRow++)
            {
                AddRow(
                    products + (kernelRow * _geometry.Size * _geometry.Channels),
                    dx + ((nint)(top + kernelRow) * _geometry.Width * _geometry.Channels));
            }
        }
    }

    /// <summary>products[pixel][kernel row, kernel column, channel] for a row of output pixels.</summary>
    private void Multiply(float* dy, float* packed, float* products)
    {
        TileSet tiles = _device.Tiles;
        float* zeros = stackalloc float[32];
        for (int column = 0; column < _width; column += tiles.Columns)
        {
            TileOperands operands = new()
            {
                Left = dy,
                RowStride = _geometry.Filters,
                StepStride = 1,
                Right = packed + column,
                RightStride = _width,
                Steps = _geometry.Filters,
                Segments = 1,
                Start = zeros,
                Output = products + column,
                OutputStride = _width,
                Floor = float.NegativeInfinity,
            };
            tiles.MultiplyRows(operands, _geometry.OutputWidth, Math.Min(tiles.Columns, _width - column));
        }
    }

    /// <summary>Adds one kernel row's products of all pixels to an input row.</summary>
    private void AddRow(float* products, float* dx)
    {
        int channels = _geometry.Channels;
        int left = -_geometry.Padding;
        for (int pixel = 0; pixel < _geometry.OutputWidth; pixel++, left += _geometry.Stride, products += _width)
        {
            int from = Math.Max(0, -left) * channels;
            int to = Math.Min(_geometry.Size, _geometry.Width - left) * channels;
            float* target = dx + ((nint)left * channels);

            // Float by float: the next pixel reads what this one wrote at an offset that is no multiple of a vector.
            for (int i = from; i < to; i++)
            {
                target[i] += products[i];
            }
        }
    }

    private readonly struct Body(ThinInputGradient gradient, float* dy, float* packed, float* dx) : IChunkBody
    {
        public void Run(int chunk)
        {
            nint image = chunk;
            gradient.RunImage(dy + (image * gradient._geometry.OutputLength), packed, dx + (image * gradient._geometry.InputLength));
        }
    }
}
