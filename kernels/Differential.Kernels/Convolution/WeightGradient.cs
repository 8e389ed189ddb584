using System.Collections.Immutable;
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

    /// <summary>Floats of one group's sums: [rows][padded filters], and a row of bias sums behind.</summary>
    public int PartialLength => (Rows + 1) * _filters;

    /// <summary>Groups that a number of images is split into; it depends on nothing else.</summary>
    public int Groups(int count) => Math.Min(count, _maxGroups);

    /// <summary>Sums one group's images for one kernel row and one panel of filters.</summary>
    public void Accumulate(float* x, float* dy, float* partial, int fromImage, int toImage, int kernelRow, int panel)
    {
        int first = panel * _tiles.Columns;
        int valid = Math.Min(_tiles.Columns, _geometry.Filters - first);
        int rowsPerKernelRow = _geometry.Size * _geometry.Channels;
        float* sums = partial + ((nint)kernelRow * rowsPerKernelRow * _filters) + first;
        for (int row = 0; row < rowsPerKernelRow; row++)
        {
            new Span<float>(sums + ((nint)row * _filters), _tiles.Pad(valid)).Clear();
        }

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
        nint pixels = (nint)(toImage - fromImage) * _geometry.OutputHeight * _geometry.OutputWidth;
        _tiles.SumRows(
            dy + ((nint)fromImage * _geometry.OutputLength) + first,
            _geometry.Filters,
            pixels,
            partial + ((nint)Rows * _filters) + first,
            Math.Min(_tiles.Columns, _geometry.Filters - first));
    }

    /// <summary>Adds the groups for the rows of one kernel tap and writes them in the weights' order.</summary>
    public void Reduce(float* partial, int groups, int tap, float* dWeight)
    {
        int taps = _geometry.Size * _geometry.Size;
        for (int channel = 0; channel < _geometry.Channels; channel++)
        {
            // The sum is left in the first group's row, which nobody else reads.
            float* row = partial + (((nint)tap * _geometry.Channels) + channel) * _filters;
            _tiles.SumRows(row, PartialLength, groups, row, _filters);
            float* destination = dWeight + (channel * taps) + tap;
            for (int filter = 0; filter < _geometry.Filters; filter++)
            {
                destination[(nint)filter * _geometry.Channels * taps] = row[filter];
            }
        }
    }

    /// <summary>Adds the groups' bias sums.</summary>
    public void ReduceBias(float* partial, int groups, float* dBias) =>
        _tiles.SumRows(partial + ((nint)Rows * _filters), PartialLength, groups, dBias, _geometry.Filters);

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
    private void AccumulateImages(float* x, float* dy, float* sums, int fromImage, int toImage, int from, int to, int kernelRow, int first, int valid)
    {
        nint pixelRow = (nint)_geometry.Width * _geometry.Channels;
        nint gradientRow = (nint)_geometry.OutputWidth * _geometry.Filters;
        for (int tap = 0; tap < _geometry.Size; tap++)
        {
            // The output columns for which this tap lies inside the image.
            int before = _geometry.Padding - tap;
            int left = before > 0 ? (before + _geometry.Stride - 1) / _geometry.Stride : 0;
            int last = _geometry.Width - 1 + before;
            int right = last < 0 ? 0 : Math.Min(_geometry.OutputWidth, (last / _geometry.Stride) + 1);
            int row = (from * _geometry.Stride) + kernelRow - _geometry.Padding;
            TileOperands operands = new()
            {
                Left = x + ((nint)fromImage * _geometry.InputLength) + (row * pixelRow) + ((nint)((left * _geometry.Stride) - before) * _geometry.Channels),
                RowStride = 1,
                StepStride = _geometry.Stride * pixelRow,
                SegmentStride = (nint)_geometry.Stride * _geometry.Channels,
                PlaneStride = _geometry.InputLength,
                Right = dy + ((nint)fromImage * _geometry.OutputLength) + (from * gradientRow) + ((nint)left * _geometry.Filters) + first,
                RightStride = gradientRow,
                RightSegmentStride = _geometry.Filters,
                RightPlaneStride = _geometry.OutputLength,
                Steps = to - from,
                Segments = Math.Max(0, right - left),
                MorePlanes = toImage - fromImage - 1,
                Start = sums + ((nint)tap * _geometry.Channels * _filters),
                StartStride = _filters,
                Output = sums + ((nint)tap * _geometry.Channels * _filters),
                OutputStride = _filters,
                Floor = float.NegativeInfinity,
            };
            _tiles.MultiplyRows(operands, _geometry.Channels, _tiles.Pad(valid));
        }
    }

    private void AccumulateRun(float* input, float* gradient, float* sums, in WindowRun column, int height, int valid)
    {
        nint columnStep = (nint)_geometry.Stride * _geometry.Channels;
        nint rowStep = (nint)_geometry.Stride * _geometry.Width * _geometry.Channels;
        nint gradientRow = (nint)_geometry.OutputWidth * _geometry.Filters;
        float* output = sums + ((nint)column.Tap * _geometry.Channels * _filters);

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
            StartStride = _filters,
            Output = output,
            OutputStride = _filters,
            Floor = float.NegativeInfinity,
        };

        // A partial row is whole vectors long, so its last panel may be written whole.
        _tiles.MultiplyRows(operands, column.Taps * _geometry.Channels, _tiles.Pad(valid));
    }
}
