using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>One number per row, on the host and on the device.</summary>
internal sealed class RowScalars(ComputeDevice device, int capacity) : IDisposable
{
    private readonly float[] _values = new float[capacity];
    private float _fill;
    private int _filled;

    public Tensor<float> Tensor { get; } = device.Allocate(new Shape(capacity));

    public ref float this[int row] => ref Span(row + 1)[row];

    public Span<float> Span(int count)
    {
        // The caller may change what lies there.
        _filled = 0;
        return _values.AsSpan(0, count);
    }

    /// <summary>Host to device.</summary>
    public Tensor<float> Write(int count)
    {
        Tensor.Write(Span(count));
        return Tensor;
    }

    /// <summary>The same value for each row, on host and device. What is there already is not copied again: nothing else may have written to the tensor since.</summary>
    public Tensor<float> Fill(float value, int count)
    {
        if (_filled < count || !_fill.Equals(value))
        {
            Span(count).Fill(value);
            Tensor.Write(Span(count));
            (_fill, _filled) = (value, count);
        }

        return Tensor;
    }

    /// <summary>Device to host.</summary>
    public Span<float> Read(int count)
    {
        Tensor.Read(Span(count));
        return Span(count);
    }

    public void Dispose() => Tensor.Dispose();
}
