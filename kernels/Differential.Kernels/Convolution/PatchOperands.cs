using Differential.Kernels.Gemm;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Convolution;

/// <summary>
/// The sliding windows of a convolution as a matrix that is never stored: element (pixel, tap), where a pixel is one of
/// (image, output row, output column) and a tap one of (kernel row, kernel column, channel), in these orders.
/// </summary>
internal readonly struct Patches
{
    private readonly ArrayView<float> _x;
    private readonly PixelGrid _input;
    private readonly PixelOrder _output;
    private readonly TapGrid _taps;
    private readonly int _stride;
    private readonly int _padding;
    private readonly int _aligned;

    public Patches(ArrayView<float> x, in Conv2dGeometry geometry, int count, bool aligned)
    {
        _x = x;
        _input = new PixelGrid(geometry.Height, geometry.Width);
        _output = new PixelOrder(geometry.OutputHeight, geometry.OutputWidth);
        _taps = new TapGrid(geometry.Size, geometry.Channels);
        _stride = geometry.Stride;
        _padding = geometry.Padding;
        _aligned = aligned && geometry.Channels % 4 == 0 ? 1 : 0;
        Pixels = count * geometry.OutputHeight * geometry.OutputWidth;
    }

    public readonly int Pixels;

    public int Taps => _taps.Count;

    public bool IsAligned => _aligned != 0;

    /// <summary>Elements of taps <paramref name="tap"/> to tap + 3 at a valid pixel; 0 beyond the taps.</summary>
    public Float4 Load(int pixel, int tap)
    {
        Pixel corner = Corner(pixel);
        return new Float4(Element(corner, tap), Element(corner, tap + 1), Element(corner, tap + 2), Element(corner, tap + 3));
    }

    /// <summary>The same where <see cref="IsAligned"/>, without a branch: four taps from a multiple of 4 on lie in one window position. 0 where not <paramref name="valid"/>.</summary>
    public Float4 LoadAligned(bool valid, int pixel, int tap)
    {
        int index = Index(Corner(pixel), tap);
        return Float4.LoadWhere(valid & (index >= 0), _x, index);
    }

    /// <summary>Where the window of a pixel begins.</summary>
    private Pixel Corner(int number)
    {
        Pixel output = _output.At(number);
        return new Pixel(output.Image, (output.Row * _stride) - _padding, (output.Column * _stride) - _padding);
    }

    private float Element(Pixel corner, int tap)
    {
        int index = Index(corner, tap);
        return index >= 0 ? _x[index] : 0;
    }

    /// <summary>Where the tap lies in the input, −1 in the padding and beyond the taps.</summary>
    private int Index(Pixel corner, int number)
    {
        Tap tap = _taps.At(number);
        int row = corner.Row + tap.Row;
        int column = corner.Column + tap.Column;
        return (number < Taps) & _input.Contains(row, column) ? (_input.Number(corner.Image, row, column) * _taps.Channels) + tap.Channel : -1;
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
    private readonly PixelOrder _input;
    private readonly PixelGrid _output;
    private readonly TapGrid _taps;
    private readonly int _pixels;
    private readonly Divisor _stride;
    private readonly int _padding;
    private readonly int _aligned;

    public GradientPatchOperand(ArrayView<float> dy, in Conv2dGeometry geometry, int count, bool aligned)
    {
        _dy = dy;
        _input = new PixelOrder(geometry.Height, geometry.Width);
        _output = new PixelGrid(geometry.OutputHeight, geometry.OutputWidth);
        _taps = new TapGrid(geometry.Size, geometry.Filters);
        _pixels = count * geometry.Height * geometry.Width;
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

        Pixel corner = Corner(outer);
        return new Float4(Element(corner, k), Element(corner, k + 1), Element(corner, k + 2), Element(corner, k + 3));
    }

    public Float4 LoadAligned(int outer, int k, int kEnd)
    {
        int index = Index(Corner(outer), k);
        return Float4.LoadWhere((outer < _pixels) & (k < kEnd) & (index >= 0), _dy, index);
    }

    /// <summary>The last output, before the stride, whose window holds an input pixel.</summary>
    private Pixel Corner(int number)
    {
        Pixel input = _input.At(number);
        return new Pixel(input.Image, input.Row + _padding, input.Column + _padding);
    }

    private float Element(Pixel corner, int k)
    {
        int index = Index(corner, k);
        return index >= 0 ? _dy[index] : 0;
    }

    /// <summary>Where the gradient lies, −1 where the window of that position does not exist.</summary>
    private int Index(Pixel corner, int k)
    {
        Tap tap = _taps.At(k);
        int down = corner.Row - tap.Row;
        int across = corner.Column - tap.Column;
        int row = _stride.Divide(down);
        int column = _stride.Divide(across);

        // What the division makes of negative numbers is out of use.
        bool exists = (k < _taps.Count) & (down >= 0) & (across >= 0)
            & (row * _stride.Value == down) & (column * _stride.Value == across)
            & _output.Contains(row, column);
        return exists ? (_output.Number(corner.Image, row, column) * _taps.Channels) + tap.Channel : -1;
    }
}
