using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>A row-major matrix, plus a bias per column and a ReLU where asked.</summary>
internal readonly struct RowsSink(ArrayView<float> y, ArrayView<float> bias, int columns, bool hasBias, bool relu, bool aligned) : ISink
{
    private readonly ArrayView<float> _y = y;
    private readonly ArrayView<float> _bias = bias;
    private readonly int _columns = columns;
    private readonly int _hasBias = hasBias ? 1 : 0;
    private readonly int _relu = relu ? 1 : 0;
    private readonly int _aligned = aligned && columns % 4 == 0 ? 1 : 0;

    public void Store(int row, int column, Float4 values)
    {
        if (column >= _columns)
        {
            return;
        }

        int index = (row * _columns) + column;
        Float4 result = new(
            Finish(values.X, column),
            Finish(values.Y, column + 1),
            Finish(values.Z, column + 2),
            Finish(values.W, column + 3));
        if (_aligned != 0)
        {
            Float4.Store(_y, index, result);
            return;
        }

        _y[index] = result.X;
        if (column + 1 < _columns)
        {
            _y[index + 1] = result.Y;
        }

        if (column + 2 < _columns)
        {
            _y[index + 2] = result.Z;
        }

        if (column + 3 < _columns)
        {
            _y[index + 3] = result.W;
        }
    }

    private float Finish(float value, int column)
    {
        float sum = _hasBias != 0 ? value + _bias[Math.Min(column, _columns - 1)] : value;

        // Written so that NaN stays NaN.
        return _relu != 0 && sum <= 0 ? 0 : sum;
    }
}

/// <summary>The sums of one split: [split, row, column], columns rounded up to a multiple of 4.</summary>
internal readonly struct PartialSink(ArrayView<float> partials, int rows, int columns) : ISink
{
    private readonly ArrayView<float> _partials = partials;
    private readonly int _rows = rows;
    private readonly int _columns = columns;

    public void Store(int row, int column, Float4 values)
    {
        if (column < _columns)
        {
            Float4.Store(_partials, (((Grid.IdxZ * _rows) + row) * _columns) + column, values);
        }
    }
}

/// <summary>
/// Gradients of weights [filters, channels, area] from a product with a row per (area, channel) and a column per
/// filter. A row beyond the weights, which is there where a bias is, holds the bias's gradient.
/// </summary>
internal readonly struct WeightSink(ArrayView<float> weights, ArrayView<float> bias, int filters, int channels, int area) : ISink
{
    private readonly ArrayView<float> _weights = weights;
    private readonly ArrayView<float> _bias = bias;
    private readonly int _filters = filters;
    private readonly Divisor _channels = new(channels);
    private readonly int _area = area;

    public void Store(int row, int column, Float4 values)
    {
        Put(row, column, values.X);
        Put(row, column + 1, values.Y);
        Put(row, column + 2, values.Z);
        Put(row, column + 3, values.W);
    }

    private void Put(int row, int column, float value)
    {
        if (column >= _filters)
        {
            return;
        }

        if (row == _area * _channels.Value)
        {
            _bias[column] = value;
            return;
        }

        int position = _channels.Divide(row);
        int channel = row - (position * _channels.Value);
        _weights[(((column * _channels.Value) + channel) * _area) + position] = value;
    }
}
