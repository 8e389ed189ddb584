using Differential.Core.Numerics;
using Differential.Kernels.Convolution;

namespace Differential.Core.Networks;

/// <summary>A convolution; weights [filters, channels, size, size], vectors channels last.</summary>
internal sealed class ConvBoundLayer : AffineBoundLayer
{
    private readonly Conv2dGeometry _geometry;
    private readonly double[] _byChannel;
    private readonly double[] _byFilter;
    private readonly int[] _taps;
    private readonly float[]? _bias;
    private readonly SumRounding _rounding;
    private readonly Lazy<(double L2, double Linf)> _partialGrowth;

    public ConvBoundLayer(Conv2dGeometry geometry, float[] weight, float[]? bias)
        : base(geometry.InputLength, geometry.OutputLength)
    {
        _geometry = geometry;
        _bias = bias;

        // [filter, row, column, channel] and [row, column, channel, filter]: what vectors run over lies together.
        _byChannel = new double[weight.Length];
        _byFilter = new double[weight.Length];
        (int channels, int area) = (geometry.Channels, geometry.Size * geometry.Size);
        for (int i = 0; i < weight.Length; i++)
        {
            (int filter, int channel, int tap) = (i / (channels * area), i / area % channels, i % area);
            _byChannel[(((filter * area) + tap) * channels) + channel] = weight[i];
            _byFilter[(((tap * channels) + channel) * geometry.Filters) + filter] = weight[i];
        }

        _taps = [.. Enumerable.Range(0, geometry.OutputLength / geometry.Filters * area).Select(i => Tap(geometry, i / area, i % area))];
        _rounding = new SumRounding((channels * area) + (bias is null ? 0 : 1), _byFilter.Max(Math.Abs), geometry.OutputLength);
        _partialGrowth = new Lazy<(double L2, double Linf)>(() => ConvPartialSums.Growth(geometry, _byFilter));
    }

    public override (double L2, double Linf)? Stretch => null;

    public override SumRounding Rounding => _rounding;

    public override (double Row, double Column) AbsoluteSums()
    {
        var filters = new double[_geometry.Filters];
        var channels = new double[_geometry.Channels];
        for (int i = 0; i < _byFilter.Length; i++)
        {
            double size = Math.Abs(_byFilter[i]);
            filters[i % filters.Length] += size;
            channels[i / filters.Length % channels.Length] += size;
        }

        return (filters.Max(), channels.Max());
    }

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
                if (_taps[(position * g.Size * g.Size) + tap] is var start && start >= 0)
                {
                    VectorMath.AddScaled(x.AsSpan(start, g.Channels), factor, Weights(filter, tap));
                }
            }
        }

        return constant;
    }

    protected override bool KnowsOrder => true;

    protected override (double L2, double Linf) PartialGrowth((double L2, double Linf) norm) => _partialGrowth.Value;

    protected override void Sums(double[] x, double[] radius, double[] y, double[] spread, double[] magnitude, double[]? partials)
    {
        Conv2dGeometry g = _geometry;
        int channels = g.Channels;
        for (int position = 0; position < y.Length / g.Filters; position++)
        {
            Span<double> sums = y.AsSpan(position * g.Filters, g.Filters);
            Span<double> spreads = spread.AsSpan(position * g.Filters, g.Filters);
            Span<double> magnitudes = magnitude.AsSpan(position * g.Filters, g.Filters);
            Span<double> chains = partials is null ? [] : partials.AsSpan(position * g.Filters, g.Filters);
            for (int filter = 0; filter < sums.Length && _bias is not null; filter++)
            {
                sums[filter] = _bias[filter];
                magnitudes[filter] = Math.Abs(_bias[filter]);
            }

            for (int tap = 0; tap < g.Size * g.Size; tap++)
            {
                int start = _taps[(position * g.Size * g.Size) + tap];
                for (int channel = 0; channel < channels && start >= 0; channel++)
                {
                    (double value, double width) = (x[start + channel], radius[start + channel]);
                    if (value != 0 || width != 0)
                    {
                        VectorMath.AddScaled(_byFilter.AsSpan(((tap * channels) + channel) * g.Filters, g.Filters), value, width, sums, spreads, magnitudes);
                    }

                    // A product of 0 too: elsewhere in a ball it is another.
                    VectorMath.AddSizes(sums[..chains.Length], spreads[..chains.Length], chains);
                }
            }
        }
    }

    private ReadOnlySpan<double> Weights(int filter, int tap) =>
        _byChannel.AsSpan(((filter * _geometry.Size * _geometry.Size) + tap) * _geometry.Channels, _geometry.Channels);

    /// <summary>Where the channels of the pixel under a tap start; −1 in the padding.</summary>
    private static int Tap(Conv2dGeometry g, int position, int tap)
    {
        int row = (position / g.OutputWidth * g.Stride) - g.Padding + (tap / g.Size);
        int column = (position % g.OutputWidth * g.Stride) - g.Padding + (tap % g.Size);
        return row < 0 || row >= g.Height || column < 0 || column >= g.Width ? -1 : ((row * g.Width) + column) * g.Channels;
    }
}
