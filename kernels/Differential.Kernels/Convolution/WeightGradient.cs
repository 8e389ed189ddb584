using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The weight gradient of a convolution: register tiles whose rows are neighbouring inputs of a window, whose vectors
/// are filters, and whose sums run over the output pixels of an image, or of all images of a group where they are small. Images are summed in
/// groups, and the groups in order, so that the result does not depend on which thread took what.
/// </summary>
internal sealed unsafe class WeightGradient
{
    private const int MaxGroups = 16;
    private const int MaxPartialFloats = 1 << 23;

    // Of packed output gradients: 32 KiB, which stay in the first-level cache.
    private const int MaxPackedFloats = 1 << 13;

    // Floats of summed rows that are turned at a time.
    private const int MaxTurnedFloats = 1 << 13;

    // Of a tile's sums: enough that loading and storing them does not count.
    private const int MinPixels = 128;

    private readonly TileSet _tiles;
    private readonly Conv2dGeometry _geometry;
    private readonly ImmutableArray<WindowRun> _columns;
    private readonly int _filters;
    private readonly int _maxGroups;
    private readonly bool _isSmall;

    public WeightGradient(TileSet tiles, Conv2dGeometry geometry)
    {
        _tiles = tiles;
        _geometry = geometry;
        _columns = WindowAxis.Forward(geometry.Width, geometry.OutputWidth, geometry.Size, geometry.Stride, geometry.Padding).Runs();
        _filters = tiles.Pad(geometry.Filters);
        _maxGroups = Math.Clamp(MaxPartialFloats / PartialLength, 1, MaxGroups);
        _isSmall = geometry.OutputHeight * geometry.OutputWidth <= MinPixels;
    }

    public int Panels => (_geometry.Filters + _tiles.Columns - 1) / _tiles.Columns;

    /// <summary>Rows of a partial sum: kernel row, kernel column, channel.</summary>
    public int Rows => _geometry.Size * _geometry.Size * _geometry.Channels;

    /// <summary>Floats of one group's sums: panel by panel [rows][filters of the panel, padded], and a row of bias sums behind.</summary>
    public int PartialLength => (Rows + 1) * _filters;

    /// <summary>Groups that a number of images is split into; it depends on nothing else.</summary>
    public int Groups(int count) => Math.Min(count, _maxGroups);

    /// <summary>Sums one group's images for one kernel row and one panel of filters.</summary>
    public void Accumulate(float* x, float* dy, float* partial, int fromImage, int toImage, int kernelRow, int panel)
    {
        int first = panel * _tiles.Columns;
        int valid = Math.Min(_tiles.Columns, _geometry.Filters - first);
        int rowsPerKernelRow = _geometry.Size * _geometry.Channels;
        float* sums = Sums(partial, panel) + ((nint)kernelRow * rowsPerKernelRow * _tiles.Pad(valid));
        new Span<float>(sums, rowsPerKernelRow * _tiles.Pad(valid)).Clear();

        // The output rows for which this kernel row lies inside the image.
        int above = _geometry.Padding - kernelRow;
        int from = above > 0 ? (above + _geometry.Stride - 1) / _geometry.Stride : 0;
        int last = _geometry.Height - 1 + above;
        int to = last < 0 ? 0 : Math.Min(_geometry.OutputHeight, (last / _geometry.Stride) + 1);
        if (_isSmall && SumsRunDownColumns(to - from))
        {
            AccumulateImages(x, dy, sums, fromImage, toImage, from, to, kernelRow, first, valid);
            return;
        }

        for (int image = fromImage; image < toImage; image++)
        {
            float* input = x + ((nint)image * _geometry.InputLength) + ((nint)((from * _geometry.Stride) - above) * _geometry.Width * _geometry.Channels);
            float* gradient = dy + ((nint)image * _geometry.OutputLength) + ((nint)from * _geometry.OutputWidth * _geometry.Filters) + first;
            foreach (WindowRun column in _columns)
            {
                if (column.Taps == 0)
                {
                    continue;
                }

                int block = BlockRows(column.Count);
                for (int row = 0; row < to - from; row += block)
                {
                    AccumulateRun(
                        input + ((nint)row * _geometry.Stride * _geometry.Width * _geometry.Channels),
                        gradient + ((nint)row * _geometry.OutputWidth * _geometry.Filters),
                        sums,
                        column,
                        Math.Min(block, to - from - row),
                        valid);
                }
            }
        }
    }

    /// <summary>Sums one group's output gradients into the bias row of its partial sums.</summary>
    public void AccumulateBias(float* dy, float* partial, int fromImage, int toImage, int panel)
    {
        int first = panel * _tiles.Columns;
        int valid = Math.Min(_tiles.Columns, _geometry.Filters - first);
        nint pixels = (nint)(toImage - fromImage) * _geometry.OutputHeight * _geometry.OutputWidth;
        _tiles.SumRows(dy + ((nint)fromImage * _geometry.OutputLength) + first, _geometry.Filters, pixels, Sums(partial, panel) + ((nint)Rows * _tiles.Pad(valid)), valid);
    }

    /// <summary>Blocks of channels and filters that <see cref="Reduce"/> takes one by one.</summary>
    public int Blocks => ChannelBlocks * Panels;

    private int ChannelBlocks => (_geometry.Channels + BlockChannels - 1) / BlockChannels;

    private int BlockChannels => Math.Clamp(MaxTurnedFloats / (_geometry.Size * _geometry.Size * _tiles.Columns), 1, _geometry.Channels);

    /// <summary>Adds the groups for one block of channels and filters and writes them in the weights' order.</summary>
    [SkipLocalsInit]
    public void Reduce(float* partial, int groups, int block, float* dWeight)
    {
        int taps = _geometry.Size * _geometry.Size;
        int panel = block / ChannelBlocks;
        int firstFilter = panel * _tiles.Columns;
        int filters = Math.Min(_tiles.Columns, _geometry.Filters - firstFilter);
        int width = _tiles.Pad(filters);
        int firstChannel = block % ChannelBlocks * BlockChannels;
        int channels = Math.Min(BlockChannels, _geometry.Channels - firstChannel);
        float* sums = stackalloc float[MaxTurnedFloats];
        bool fits = taps * width <= MaxTurnedFloats;
        for (int channel = firstChannel; channel < firstChannel + channels; channel++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                float* row = Sums(partial, panel) + ((((nint)tap * _geometry.Channels) + channel) * width);

                // Of a kernel that is too large the sum is left in the first group's row, which nobody else reads.
                float* sum = fits ? sums + ((((channel - firstChannel) * taps) + tap) * width) : row;
                _tiles.SumRows(row, PartialLength, groups, sum, width);
                if (!fits)
                {
                    Transposition.Run(row, width, dWeight + ((((nint)firstFilter * _geometry.Channels) + channel) * taps) + tap, (nint)_geometry.Channels * taps, 1, filters);
                }
            }
        }

        if (fits)
        {
            Transposition.Run(sums, width, dWeight + ((((nint)firstFilter * _geometry.Channels) + firstChannel) * taps), (nint)_geometry.Channels * taps, channels * taps, filters);
        }
    }

    /// <summary>Adds the groups' bias sums.</summary>
    public void ReduceBias(float* partial, int groups, float* dBias)
    {
        for (int panel = 0; panel < Panels; panel++)
        {
            int first = panel * _tiles.Columns;
            int valid = Math.Min(_tiles.Columns, _geometry.Filters - first);
            _tiles.SumRows(Sums(partial, panel) + ((nint)Rows * _tiles.Pad(valid)), PartialLength, groups, dBias + first, valid);
        }
    }

    /// <summary>A panel's sums within those of a group, as a piece: rows that lay apart would share a few sets of the cache.</summary>
    private float* Sums(float* partial, int panel) => partial + ((nint)panel * (Rows + 1) * _tiles.Columns);

    /// <summary>
    /// Output rows per pass: few enough that input and gradient stay in the first-level cache for all tiles of a
    /// kernel row, and enough pixels.
    /// </summary>
    private int BlockRows(int columns)
    {
        const int cachedFloats = 6 * 1024;
        int rowFloats = (_geometry.Stride * _geometry.Width * _geometry.Channels) + (_geometry.OutputWidth * _geometry.Filters);
        return Math.Max(cachedFloats / rowFloats, (MinPixels + columns - 1) / columns);
    }

    /// <summary>Whether the sums of every run go down its columns, so that those of neighbouring runs are one sum over columns and rows.</summary>
    private bool SumsRunDownColumns(int height)
    {
        foreach (WindowRun column in _columns)
        {
            if (column.Count >= height)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The same sums in the same order as image by image and run by run, kept in registers over all images of the group: tap by tap, since each sees other
    /// columns.
    /// </summary>
    [SkipLocalsInit]
    private void AccumulateImages(float* x, float* dy, float* sums, int fromImage, int toImage, int from, int to, int kernelRow, int first, int valid)
    {
        float* packed = stackalloc float[MaxPackedFloats];
        int width = _tiles.Pad(valid);
        int pixels = (to - from) * _geometry.OutputWidth;
        int block = Math.Max(1, MaxPackedFloats / (pixels * width));
        for (int image = fromImage; image < toImage; image += block)
        {
            int images = Math.Min(block, toImage - image);
            for (int i = 0; i < images; i++)
            {
                Pack(dy + ((nint)(image + i) * _geometry.OutputLength) + ((nint)from * _geometry.OutputWidth * _geometry.Filters) + first, 0, 1, pixels, packed + ((nint)i * pixels * width), width);
            }

            for (int tap = 0; tap < _geometry.Size; tap++)
            {
                AccumulateTap(x + ((nint)image * _geometry.InputLength), packed, sums, images, from, to - from, kernelRow, tap, width);
            }
        }
    }

    /// <summary>One tap's part of <see cref="AccumulateImages"/>, of packed output gradients [images, rows, columns, filters of the panel].</summary>
    private void AccumulateTap(float* x, float* packed, float* sums, int images, int fromRow, int height, int kernelRow, int tap, int width)
    {
        // The output columns for which this tap lies inside the image.
        int before = _geometry.Padding - tap;
        int left = before > 0 ? (before + _geometry.Stride - 1) / _geometry.Stride : 0;
        int last = _geometry.Width - 1 + before;
        int right = last < 0 ? 0 : Math.Min(_geometry.OutputWidth, (last / _geometry.Stride) + 1);
        int row = (fromRow * _geometry.Stride) + kernelRow - _geometry.Padding;
        nint pixelRow = (nint)_geometry.Width * _geometry.Channels;
        nint packedRow = (nint)_geometry.OutputWidth * width;
        TileOperands operands = new()
        {
            Left = x + (row * pixelRow) + ((nint)((left * _geometry.Stride) - before) * _geometry.Channels),
            RowStride = 1,
            StepStride = _geometry.Stride * pixelRow,
            SegmentStride = (nint)_geometry.Stride * _geometry.Channels,
            PlaneStride = _geometry.InputLength,
            Right = packed + ((nint)left * width),
            RightStride = packedRow,
            RightSegmentStride = width,
            RightPlaneStride = height * packedRow,
            Steps = height,
            Segments = Math.Max(0, right - left),
            MorePlanes = images - 1,
            Start = sums + ((nint)tap * _geometry.Channels * width),
            StartStride = width,
            Output = sums + ((nint)tap * _geometry.Channels * width),
            OutputStride = width,
            Floor = float.NegativeInfinity,
        };
        _tiles.MultiplyRows(operands, _geometry.Channels, width);
    }

    /// <summary>Copies a panel's filters of some pixels side by side: apart, they would share a few sets of the cache.</summary>
    private void Pack(float* gradient, nint rowStride, int rows, int columns, float* packed, int width)
    {
        for (int row = 0; row < rows; row++, gradient += rowStride)
        {
            float* pixel = gradient;
            for (int column = 0; column < columns; column++, pixel += _geometry.Filters, packed += width)
            {
                // Whole vectors: what lies behind the last filter is multiplied, and never read again.
                new ReadOnlySpan<float>(pixel, width).CopyTo(new Span<float>(packed, width));
            }
        }
    }

    [SkipLocalsInit]
    private void AccumulateRun(float* input, float* gradient, float* sums, in WindowRun column, int height, int valid)
    {
        nint columnStep = (nint)_geometry.Stride * _geometry.Channels;
        nint rowStep = (nint)_geometry.Stride * _geometry.Width * _geometry.Channels;
        nint gradientRow = (nint)_geometry.OutputWidth * _geometry.Filters;
        int width = _tiles.Pad(valid);
        float* output = sums + ((nint)column.Tap * _geometry.Channels * width);

        // The longer side is the inner loop: the border's pixels are a column.
        bool alongColumns = column.Count >= height;
        TileOperands operands = new()
        {
            Left = input + ((nint)column.Input * _geometry.Channels),
            RowStride = 1,
            StepStride = alongColumns ? columnStep : rowStep,
            SegmentStride = alongColumns ? rowStep : columnStep,
            Right = gradient + ((nint)column.Index * _geometry.Filters),
            RightStride = alongColumns ? _geometry.Filters : gradientRow,
            RightSegmentStride = alongColumns ? gradientRow : _geometry.Filters,
            Steps = alongColumns ? column.Count : height,
            Segments = alongColumns ? height : column.Count,
            Start = output,
            StartStride = width,
            Output = output,
            OutputStride = width,
            Floor = float.NegativeInfinity,
        };

        // A partial row is whole vectors long, so its last panel may be written whole.
        float* packed = stackalloc float[MaxPackedFloats];
        if (_geometry.Filters > _tiles.Columns && column.Count * height * width <= MaxPackedFloats)
        {
            Pack(operands.Right, gradientRow, height, column.Count, packed, width);
            operands.Right = packed;
            operands.RightStride = alongColumns ? width : (nint)column.Count * width;
            operands.RightSegmentStride = alongColumns ? (nint)column.Count * width : width;
        }

        _tiles.MultiplyRows(operands, column.Taps * _geometry.Channels, width);
    }
}
