using Differential.Kernels.Devices;

namespace Differential.Kernels.Convolution;

/// <summary>The passes that make up one direction of a convolution, their packed weights, and the split of their work.</summary>
internal sealed unsafe class WindowPlan : IDisposable
{
    private const int CachedWeights = 256 * 1024;
    private const int ImagesOfAPanel = 8;

    private readonly SimdDevice _device;
    private readonly WindowPass[] _passes;
    private readonly int[] _offsets;
    private readonly int _rows;
    private readonly bool _isSmall;
    private readonly int _inputLength;
    private readonly int _outputLength;
    private readonly WorkspaceLease _packed;

    private WindowPlan(SimdDevice device, WindowPass[] passes, int inputLength, int outputLength)
    {
        _device = device;
        _passes = passes;
        _offsets = new int[passes.Length + 1];
        for (int i = 0; i < passes.Length; i++)
        {
            _offsets[i + 1] = _offsets[i] + passes[i].PackedLength;
        }

        _packed = new WorkspaceLease(device, _offsets[^1]);
        _rows = passes.Max(p => p.RowCount);
        _isSmall = Array.TrueForAll(passes, static pass => pass.IsSmall);
        _inputLength = inputLength;
        _outputLength = outputLength;
    }

    /// <summary>The convolution itself: one pass.</summary>
    public static WindowPlan Forward(SimdDevice device, Conv2dGeometry g)
    {
        WindowPass pass = new(
            device.Tiles,
            WindowAxis.Forward(g.Height, g.OutputHeight, g.Size, g.Stride, g.Padding),
            WindowAxis.Forward(g.Width, g.OutputWidth, g.Size, g.Stride, g.Padding),
            new WeightOrder(Start: 0, Row: g.Size, Column: 1, Channel: g.Size * g.Size, Output: g.Channels * g.Size * g.Size),
            new ImageSize(g.Width, g.Channels),
            new ImageSize(g.OutputWidth, g.Filters));
        return new WindowPlan(device, [pass], g.InputLength, g.OutputLength);
    }

    /// <summary>The gradient by the input: a pass for each remainder of row and column modulo the stride.</summary>
    public static WindowPlan BackwardInput(SimdDevice device, Conv2dGeometry g)
    {
        List<WindowPass> passes = [];
        for (int row = 0; row < g.Stride; row++)
        {
            for (int column = 0; column < g.Stride; column++)
            {
                int lastRow = row + (g.Stride * (WindowAxis.TapsOfPhase(g.Size, g.Stride, row) - 1));
                int lastColumn = column + (g.Stride * (WindowAxis.TapsOfPhase(g.Size, g.Stride, column) - 1));
                passes.Add(new WindowPass(
                    device.Tiles,
                    WindowAxis.Backward(g.Height, g.OutputHeight, g.Size, g.Stride, g.Padding, row),
                    WindowAxis.Backward(g.Width, g.OutputWidth, g.Size, g.Stride, g.Padding, column),
                    new WeightOrder((lastRow * g.Size) + lastColumn, -g.Stride * g.Size, -g.Stride, Channel: g.Channels * g.Size * g.Size, Output: g.Size * g.Size),
                    new ImageSize(g.OutputWidth, g.Filters),
                    new ImageSize(g.Width, g.Channels)));
            }
        }

        return new WindowPlan(device, [.. passes], g.OutputLength, g.InputLength);
    }

    /// <summary>Makes room for the packed weights; not before it is asked for, so that a network that is only evaluated holds no workspace for gradients.</summary>
    public void Reserve() => _packed.Reserve();

    /// <summary>Computes <paramref name="count"/> images.</summary>
    /// <param name="input">Images [count, height, width, channels].</param>
    /// <param name="weight">Weights in PyTorch's order; they are packed anew in each call.</param>
    /// <param name="bias">A value per output channel, padded to whole tiles.</param>
    /// <param name="floor">0 for a ReLU, −∞ for none.</param>
    /// <param name="output">Images [count, height, width, output channels], overwritten.</param>
    /// <param name="count">Number of images.</param>
    public void Run(float* input, float* weight, float* bias, float floor, float* output, int count)
    {
        float* packed = _packed.Pointer();
        _device.For(_passes.Length * _passes[0].Panels, new PackBody(this, weight, packed));

        if (_isSmall && count >= _device.Tiles.Rows / 2)
        {
            int blocks = (count + _device.Tiles.Rows - 1) / _device.Tiles.Rows;
            _device.For(blocks * _passes[0].Panels, new AcrossBody(this, input, packed, bias, floor, output, count, blocks));
            return;
        }

        // A few chunks per thread even the load out; an image is split into strips of rows when there are few images.
        // Of weights that no cache of a core holds, a panel is read for several images.
        int strips = Math.Clamp(((4 * _device.Threads) + count - 1) / count, 1, (_rows + 3) / 4);
        int images = _offsets[^1] > CachedWeights ? Math.Clamp(count / (4 * _device.Threads), 1, ImagesOfAPanel) : 1;
        _device.For((count + images - 1) / images * strips, new RunBody(this, input, packed, bias, floor, output, strips, count, images));
    }

    public void Dispose() => _packed.Dispose();

    private readonly struct PackBody(WindowPlan plan, float* weight, float* packed) : IChunkBody
    {
        public void Run(int chunk)
        {
            int panels = plan._passes[0].Panels;
            int pass = chunk / panels;
            plan._passes[pass].Pack(weight, packed + plan._offsets[pass], chunk % panels);
        }
    }

    private readonly struct AcrossBody(WindowPlan plan, float* input, float* packed, float* bias, float floor, float* output, int count, int blocks) : IChunkBody
    {
        public void Run(int chunk)
        {
            (int panel, int block) = (chunk / blocks, chunk % blocks);
            nint from = (nint)count * block / blocks;
            int images = (int)(((nint)count * (block + 1) / blocks) - from);
            for (int i = 0; i < plan._passes.Length; i++)
            {
                plan._passes[i].RunAcross(
                    input + (from * plan._inputLength),
                    plan._inputLength,
                    plan._outputLength,
                    images,
                    packed + plan._offsets[i],
                    bias,
                    floor,
                    output + (from * plan._outputLength),
                    panel);
            }
        }
    }

    private readonly struct RunBody(WindowPlan plan, float* input, float* packed, float* bias, float floor, float* output, int strips, int count, int images) : IChunkBody
    {
        public void Run(int chunk)
        {
            nint image = chunk / strips * images;
            int strip = chunk % strips;
            for (int i = 0; i < plan._passes.Length; i++)
            {
                WindowPass pass = plan._passes[i];
                pass.Run(
                    input + (image * plan._inputLength),
                    plan._inputLength,
                    plan._outputLength,
                    Math.Min(images, count - (int)image),
                    packed + plan._offsets[i],
                    bias,
                    floor,
                    output + (image * plan._outputLength),
                    pass.RowCount * strip / strips,
                    pass.RowCount * (strip + 1) / strips);
            }
        }
    }
}
