using Differential.Kernels.Devices;
using Differential.Kernels.Tensors;

namespace Differential.Core.Attacks;

/// <summary>One number per row, on the host and on the device.</summary>
internal sealed class RowScalars(ComputeDevice device, int capacity) : IDisposable
{
    private readonly float[] _values = new float[capacity];

    public Tensor<float> Tensor { get; } = device.Allocate(new Shape(capacity));

    public ref float this[int row] => ref _values[row];

    public Span<float> Span(int count) => _values.AsSpan(0, count);

    /// <summary>Host to device.</summary>
    public Tensor<float> Write(int count)
    {
        Tensor.Write(Span(count));
        return Tensor;
    }

    /// <summary>The same value for each row, on host and device.</summary>
    public Tensor<float> Fill(float value, int count)
    {
        Span(count).Fill(value);
        return Write(count);
    }

    /// <summary>Device to host.</summary>
    public Span<float> Read(int count)
    {
        Tensor.Read(Span(count));
        return Span(count);
    }

    public void Dispose() => Tensor.Dispose();
}
