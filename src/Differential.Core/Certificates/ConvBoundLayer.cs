using Differential.Core.Numerics;
using Differential.Kernels.Convolution;

namespace Differential.Core.Certificates;

/// <summary>A convolution; weights [filters, channels, size, size], vectors channels last.</summary>
internal sealed class ConvBoundLayer : AffineBoundLayer
{
    private readonly Conv2dGeometry _geometry;
    private readonly double[] _weight;
    private readonly float[]? _bias;

    public ConvBoundLayer(Conv2dGeometry geometry, float[] weight, float[]? bias)
        : base(geometry.InputLength, geometry.OutputLength)
    {
        _geometry = geometry;
        _bias = bias;

        // [filter, row, column, channel]: the channels of a tap lie together, as in the vectors.
        _weight = new double[weight.Length];
        (int channels, int area) = (geometry.Channels, geometry.Size * geometry.Size);
        for (int i = 0; i < weight.Length; i++)
        {
            (int filter, int channel, int tap) = (i / (channels * area), i / area % channels, i % area);
            _weight[(((filter * area) + tap) * channels) + channel] = weight[i];
        }
    }

    public override void Forward(double[] x, double[] y) => Sums(x, y, absolute: false);

    public override void ForwardAbsolute(double[] x, double[] y) => Sums(x, y, absolute: true);

    public override double Backward(double[] y, double[] x)
    {
        Array.Clear(x);
        Conv2dGeometry g = _geometry;
        double constant = 0;
        for (int output = 0; output < y.Length; output++)
        {
            double factor = y[output];
            if (factor == 0)
            {
                continue;
            }

            (int position, int filter) = Math.DivRem(output, g.Filters);
            constant += factor * (_bias?[filter] ?? 0);
            for (int tap = 0; tap < g.Size * g.Size; tap++)
            {
                if (Tap(position, tap) is var start && start >= 0)
                {
                    VectorMath.AddScaled(x.AsSpan(start, g.Channels), factor, Weights(filter, tap));
                }
            }
        }

        return constant;
    }

    private void Sums(double[] x, double[] y, bool absolute)
    {
        Conv2dGeometry g = _geometry;
        for (int output = 0; output < y.Length; output++)
        {
            (int position, int filter) = Math.DivRem(output, g.Filters);
            double sum = absolute ? 0 : _bias?[filter] ?? 0;
            for (int tap = 0; tap < g.Size * g.Size; tap++)
            {
                int start = Tap(position, tap);
                if (start < 0)
                {
                    continue;
                }

                ReadOnlySpan<double> weights = Weights(filter, tap);
                ReadOnlySpan<double> values = x.AsSpan(start, g.Channels);
                for (int channel = 0; channel < values.Length; channel++)
                {
                    sum += (absolute ? Math.Abs(weights[channel]) : weights[channel]) * values[channel];
                }
            }

            y[output] = sum;
        }
    }

    private ReadOnlySpan<double> Weights(int filter, int tap) =>
        _weight.AsSpan(((filter * _geometry.Size * _geometry.Size) + tap) * _geometry.Channels, _geometry.Channels);

    /// <summary>Where the channels of the pixel under a tap start; −1 in the padding.</summary>
    private int Tap(int position, int tap)
    {
        Conv2dGeometry g = _geometry;
        int row = (position / g.OutputWidth * g.Stride) - g.Padding + (tap / g.Size);
        int column = (position % g.OutputWidth * g.Stride) - g.Padding + (tap % g.Size);
        return row < 0 || row >= g.Height || column < 0 || column >= g.Width ? -1 : ((row * g.Width) + column) * g.Channels;
    }
}
