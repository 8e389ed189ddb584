using Differential.Kernels.Gemm;
using ILGPU;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The sliding windows of a convolution as a matrix that is never stored: element (pixel, tap), where a pixel is one of
/// (image, output row, output column) and a tap one of (kernel row, kernel column, channel), in these orders.
/// </summary>
internal readonly struct Patches
{
    private readonly ArrayView<float> _x;
    private readonly int _height;
    private readonly int _width;
    private readonly Divisor _channels;
    private readonly Divisor _size;
    private readonly Divisor _outputWidth;
    private readonly Divisor _outputArea;
    private readonly int _stride;
    private readonly int _padding;
    private readonly int _aligned;

    public Patches(ArrayView<float> x, in Conv2dGeometry geometry, int count, bool aligned)
    {
        _x = x;
        _height = geometry.Height;
        _width = geometry.Width;
        _channels = new Divisor(geometry.Channels);
        _size = new Divisor(geometry.Size);
        _outputWidth = new Divisor(geometry.OutputWidth);
        _outputArea = new Divisor(geometry.OutputHeight * geometry.OutputWidth);
        _stride = geometry.Stride;
        _padding = geometry.Padding;
        _aligned = aligned && geometry.Channels % 4 == 0 ? 1 : 0;
        Pixels = count * geometry.OutputHeight * geometry.OutputWidth;
        Taps = geometry.Size * geometry.Size * geometry.Channels;
    }

    public readonly int Pixels;
    public readonly int Taps;

    public bool IsAligned => _aligned != 0;

    /// <summary>Elements of taps <paramref name="tap"/> to tap + 3 at a valid pixel; 0 beyond the taps.</summary>
    public Float4 Load(int pixel, int tap)
    {
        Corner(pixel, out int image, out int top, out int left);
        return new Float4(
            Element(image, top, left, tap),
            Element(image, top, left, tap + 1),
            Element(image, top, left, tap + 2),
            Element(image, top, left, tap + 3));
    }

    /// <summary>The same where <see cref="IsAligned"/>, without a branch: four taps from a multiple of 4 on lie in one window position. 0 where not <paramref name="valid"/>.</summary>
    public Float4 LoadAligned(bool valid, int pixel, int tap)
    {
        Corner(pixel, out int image, out int top, out int left);
        int index = Index(image, top, left, tap);
        return Float4.LoadWhere(valid & (index >= 0), _x, index);
    }

    /// <summary>Where the window of a pixel begins.</summary>
    private void Corner(int pixel, out int image, out int top, out int left)
    {
        image = _outputArea.Divide(pixel);
        int rest = pixel - (image * _outputArea.Value);
        int row = _outputWidth.Divide(rest);
        top = (row * _stride) - _padding;
        left = ((rest - (row * _outputWidth.Value)) * _stride) - _padding;
    }

    private float Element(int image, int top, int left, int tap)
    {
        int index = Index(image, top, left, tap);
        return index >= 0 ? _x[index] : 0;
    }

    /// <summary>Where the tap lies in the input, −1 in the padding and beyond the taps.</summary>
    private int Index(int image, int top, int left, int tap)
    {
        int position = _channels.Divide(tap);
        int kernelRow = _size.Divide(position);
        int row = top + kernelRow;
        int column = left + position - (kernelRow * _size.Value);
        return (tap < Taps) & ((uint)row < (uint)_height) & ((uint)column < (uint)_width)
            ? (((((image * _height) + row) * _width) + column) * _channels.Value) + tap - (position * _channels.Value)
            : -1;
    }
}

/// <summary>Patches as the factor of the forward product: outer is a pixel, k a tap.</summary>
internal readonly struct PatchOperand(Patches patches) : IOperand
{
    private readonly Patches _patches = patches;

    public static bool AlongK => true;

    public bool IsAligned => _patches.IsAligned;

    public Float4 Load(int outer, int k, int kEnd) => outer < _patches.Pixels && k < kEnd ? _patches.Load(outer, k) : default;

    public Float4 LoadAligned(int outer, int k, int kEnd) => _patches.LoadAligned((outer < _patches.Pixels) & (k < kEnd), outer, k);
}

/// <summary>
/// Patches as the factor of the weights' gradient: outer is a tap, k a pixel. Where <c>ones</c>, one more tap behind the
/// last is 1 at every pixel: its row of the product is the bias's gradient.
/// </summary>
internal readonly struct PatchColumnsOperand(Patches patches, bool ones) : IOperand
{
    private readonly Patches _patches = patches;
    private readonly int _ones = ones ? 1 : 0;

    public static bool AlongK => false;

    public bool IsAligned => _patches.IsAligned;

    public Float4 Load(int outer, int k, int kEnd)
    {
        if (k >= kEnd)
        {
            return default;
        }

        Float4 value = outer < _patches.Taps ? _patches.Load(k, outer) : default;
        if (_ones == 0)
        {
            return value;
        }

        int beyond = _patches.Taps - outer;
        return new Float4(
            beyond == 0 ? 1 : value.X,
            beyond == 1 ? 1 : value.Y,
            beyond == 2 ? 1 : value.Z,
            beyond == 3 ? 1 : value.W);
    }

    public Float4 LoadAligned(int outer, int k, int kEnd)
    {
        Float4 value = _patches.LoadAligned((outer < _patches.Taps) & (k < kEnd), k, outer);

        // The taps are whole units, so that the one behind them begins a unit.
        value.X = (_ones != 0) & (outer == _patches.Taps) & (k < kEnd) ? 1 : value.X;
        return value;
    }
}

/// <summary>
/// The output gradients that an input pixel had a part in, as the factor of the input's gradient: outer is one of
/// (image, row, column) of the input, k one of (kernel row, kernel column, filter).
/// </summary>
internal readonly struct GradientPatchOperand : IOperand
{
    private readonly ArrayView<float> _dy;
    private readonly int _outputHeight;
    private readonly int _outputWidth;
    private readonly int _pixels;
    private readonly int _taps;
    private readonly Divisor _filters;
    private readonly Divisor _size;
    private readonly Divisor _width;
    private readonly Divisor _area;
    private readonly Divisor _stride;
    private readonly int _padding;
    private readonly int _aligned;

    public GradientPatchOperand(ArrayView<float> dy, in Conv2dGeometry geometry, int count, bool aligned)
    {
        _dy = dy;
        _outputHeight = geometry.OutputHeight;
        _outputWidth = geometry.OutputWidth;
        _pixels = count * geometry.Height * geometry.Width;
        _taps = geometry.Size * geometry.Size * geometry.Filters;
        _filters = new Divisor(geometry.Filters);
        _size = new Divisor(geometry.Size);
        _width = new Divisor(geometry.Width);
        _area = new Divisor(geometry.Height * geometry.Width);
        _stride = new Divisor(geometry.Stride);
        _padding = geometry.Padding;
        _aligned = aligned && geometry.Filters % 4 == 0 ? 1 : 0;
    }

    public static bool AlongK => true;

    public bool IsAligned => _aligned != 0;

    public Float4 Load(int outer, int k, int kEnd)
    {
        if (outer >= _pixels || k >= kEnd)
        {
            return default;
        }

        Corner(outer, out int image, out int bottom, out int right);
        return new Float4(
            Element(image, bottom, right, k),
            Element(image, bottom, right, k + 1),
            Element(image, bottom, right, k + 2),
            Element(image, bottom, right, k + 3));
    }

    public Float4 LoadAligned(int outer, int k, int kEnd)
    {
        Corner(outer, out int image, out int bottom, out int right);
        int index = Index(image, bottom, right, k);
        return Float4.LoadWhere((outer < _pixels) & (k < kEnd) & (index >= 0), _dy, index);
    }

    /// <summary>The last output, before the stride, whose window holds an input pixel.</summary>
    private void Corner(int pixel, out int image, out int bottom, out int right)
    {
        image = _area.Divide(pixel);
        int rest = pixel - (image * _area.Value);
        int row = _width.Divide(rest);
        bottom = row + _padding;
        right = rest - (row * _width.Value) + _padding;
    }

    private float Element(int image, int bottom, int right, int k)
    {
        int index = Index(image, bottom, right, k);
        return index >= 0 ? _dy[index] : 0;
    }

    /// <summary>Where the gradient lies, −1 where the window of that position does not exist.</summary>
    private int Index(int image, int bottom, int right, int k)
    {
        int position = _filters.Divide(k);
        int kernelRow = _size.Divide(position);
        int down = bottom - kernelRow;
        int across = right - position + (kernelRow * _size.Value);
        int row = _stride.Divide(down);
        int column = _stride.Divide(across);

        // What the division makes of negative numbers is out of use.
        bool exists = (k < _taps) & (down >= 0) & (across >= 0)
            & (row * _stride.Value == down) & (column * _stride.Value == across)
            & (row < _outputHeight) & (column < _outputWidth);
        return exists
            ? (((((image * _outputHeight) + row) * _outputWidth) + column) * _filters.Value) + k - (position * _filters.Value)
            : -1;
    }
}
