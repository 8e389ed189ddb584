using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The input gradient of a convolution with few input channels, such as a network's first. Channels alone would leave
/// most of a vector empty; here vectors run over a row of output pixels, and the rows of tiles over all (kernel row, kernel column, channel).
/// The products of a row of pixels are added to the input rows they belong to, plane by plane of the channels. An image is one chunk, its sums in order:
/// by output row, and within it by output pixel.
/// </summary>
internal sealed unsafe class ThinInputGradient : IDisposable
{
    private const int MaxRowProducts = 32 * 1024;

    private readonly SimdDevice _device;
    private readonly Conv2dGeometry _geometry;
    private readonly int _products;
    private readonly int _pixels;
    private readonly int _margin;
    private readonly int _productStride;
    private readonly WorkspaceLease _workspace;

    public ThinInputGradient(SimdDevice device, Conv2dGeometry geometry)
    {
        _device = device;
        _geometry = geometry;
        _products = PixelProducts(geometry);
        _pixels = device.Tiles.Pad(geometry.OutputWidth);

        // An input pixel looks for products as far as the kernel reaches to either side: there they are 0.
        _margin = Math.Max(0, geometry.Size - 1 - geometry.Padding);
        _productStride = device.Tiles.Pad(_margin + Math.Max(geometry.Width + geometry.Padding, geometry.OutputWidth));
        _workspace = new WorkspaceLease(device, PackedLength + (device.Threads * PlaceLength));
    }

    // A multiple of a vector, so that places are aligned.
    private int PackedLength => _device.Tiles.Pad(_products * _geometry.Filters);

    // Of a thread: a turned row of output gradients, its products, and as many input rows as a kernel has.
    private int PlaceLength => (_geometry.Filters * _pixels) + (_products * _productStride) + _device.Tiles.Pad(_geometry.Size * RowLength);

    private int RowLength => _geometry.Width * _geometry.Channels;

    /// <summary>Whether this way takes fewer instructions than vectors over the channels.</summary>
    public static bool Suits(TileSet tiles, Conv2dGeometry geometry)
    {
        int products = PixelProducts(geometry);

        // Vector products per output pixel. Which way is taken decides the order of sums, so the count stays as it is.
        long direct = (long)geometry.Filters * geometry.Size * geometry.Size * (tiles.Pad(geometry.Channels) / tiles.Length);
        long thin = ((long)geometry.Filters * (tiles.Pad(products) / tiles.Length)) + (2L * products);
        return thin < direct && (long)geometry.OutputWidth * tiles.Pad(products) <= MaxRowProducts;
    }

    /// <summary>Makes room for the packed weights and a place for each thread.</summary>
    public void Reserve() => _workspace.Reserve();

    /// <summary>dx = the gradient by the input, overwritten.</summary>
    public void Run(float* dy, float* weight, float* dx, int count)
    {
        float* packed = _workspace.Pointer();
        int taps = _geometry.Size * _geometry.Size;
        for (int filter = 0; filter < _geometry.Filters; filter++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                for (int channel = 0; channel < _geometry.Channels; channel++)
                {
                    packed[(((tap * _geometry.Channels) + channel) * _geometry.Filters) + filter] = weight[(((filter * _geometry.Channels) + channel) * taps) + tap];
                }
            }
        }

        int taken = 0;
        _device.For(Math.Min(_device.Threads, count), new Body(this, dy, packed, dx, count, &taken));
    }

    public void Dispose() => _workspace.Dispose();

    private static int PixelProducts(Conv2dGeometry geometry) => geometry.Size * geometry.Size * geometry.Channels;

    private void RunImage(float* dy, float* packed, float* dx, float* turned, float* products, float* rows)
    {
        int done = 0;
        for (int row = 0; row < _geometry.OutputHeight; row++)
        {
            Transposition.Run(dy + ((nint)row * _geometry.OutputWidth * _geometry.Filters), _geometry.Filters, turned, _pixels, _geometry.OutputWidth, _geometry.Filters);
            Multiply(turned, packed, products);
            int top = (row * _geometry.Stride) - _geometry.Padding;
            int from = Math.Max(0, -top);
            int to = Math.Min(_geometry.Size, _geometry.Height - top);
            for (int kernelRow = from; kernelRow < to; kernelRow++)
            {
                AddRow(products + (kernelRow * _geometry.Size * _geometry.Channels * (nint)_productStride), rows + ((top + kernelRow) % _geometry.Size * RowLength));
            }

            for (int end = Math.Min(_geometry.Height, top + _geometry.Stride); done < end; done++)
            {
                WriteRow(rows, dx, done);
            }
        }

        for (; done < _geometry.Height; done++)
        {
            WriteRow(rows, dx, done);
        }
    }

    /// <summary>products[kernel row, kernel column, channel][pixel] for a row of output pixels.</summary>
    private void Multiply(float* turned, float* packed, float* products)
    {
        TileSet tiles = _device.Tiles;
        float* zeros = stackalloc float[32];
        for (int column = 0; column < _geometry.OutputWidth; column += tiles.Columns)
        {
            TileOperands operands = new()
            {
                Left = packed,
                RowStride = _geometry.Filters,
                StepStride = 1,
                Right = turned + column,
                RightStride = _pixels,
                Steps = _geometry.Filters,
                Segments = 1,
                Start = zeros,
                Output = products + _margin + column,
                OutputStride = _productStride,
                Floor = float.NegativeInfinity,
            };
            tiles.MultiplyRows(operands, _products, Math.Min(tiles.Columns, _geometry.OutputWidth - column));
        }
    }

    /// <summary>Adds one kernel row's products of all pixels to an input row, whose channels are planes.</summary>
    private void AddRow(float* products, float* row)
    {
        nint tapStride = _geometry.Channels * (nint)_productStride;
        for (int channel = 0; channel < _geometry.Channels; channel++, products += _productStride, row += _geometry.Width)
        {
            if (_geometry.Stride == 1)
            {
                ElementwiseLoop.Range(_device.VectorBits, new AddBody(products + _margin + _geometry.Padding, tapStride, _geometry.Size, row), 0, _geometry.Width);
            }
            else
            {
                AddApart(products + _margin, tapStride, row);
            }
        }
    }

    /// <summary>As <see cref="AddBody"/>, of pixels that lie apart.</summary>
    private void AddApart(float* products, nint tapStride, float* row)
    {
        for (int tap = _geometry.Size - 1; tap >= 0; tap--)
        {
            for (int pixel = 0, x = tap - _geometry.Padding; pixel < _geometry.OutputWidth; pixel++, x += _geometry.Stride)
            {
                if ((uint)x < (uint)_geometry.Width)
                {
                    row[x] += products[(tap * tapStride) + pixel];
                }
            }
        }
    }

    /// <summary>Writes an input row that is complete, its channels last, and clears its place.</summary>
    private void WriteRow(float* rows, float* dx, int number)
    {
        float* row = rows + (number % _geometry.Size * RowLength);
        Transposition.Run(row, _geometry.Width, dx + ((nint)number * RowLength), _geometry.Channels, _geometry.Channels, _geometry.Width);
        new Span<float>(row, RowLength).Clear();
    }

    /// <summary>A chunk is a thread's place: it takes images until none is left.</summary>
    private readonly struct Body(ThinInputGradient gradient, float* dy, float* packed, float* dx, int count, int* taken) : IChunkBody
    {
        public void Run(int chunk)
        {
            float* turned = packed + gradient.PackedLength + ((nint)chunk * gradient.PlaceLength);
            float* products = turned + (gradient._geometry.Filters * gradient._pixels);
            float* rows = products + (gradient._products * gradient._productStride);

            // Behind the last pixel of a row, beside a row's products, and input rows without any.
            new Span<float>(turned, gradient.PlaceLength).Clear();
            for (nint image = Interlocked.Increment(ref *taken) - 1; image < count; image = Interlocked.Increment(ref *taken) - 1)
            {
                gradient.RunImage(dy + (image * gradient._geometry.OutputLength), packed, dx + (image * gradient._geometry.InputLength), turned, products, rows);
            }
        }
    }

    /// <summary>row[x] += the products of the output pixels that see it, in their order: the last tap belongs to the first of them.</summary>
    private readonly struct AddBody(float* products, nint tapStride, int taps, float* row) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            TVector sum = TSimd.Load(row + index);
            for (int tap = taps - 1; tap >= 0; tap--)
            {
                sum = TSimd.Add(sum, TSimd.Load(products + (tap * tapStride) + index - tap));
            }

            TSimd.Store(sum, row + index);
        }
    }
}
