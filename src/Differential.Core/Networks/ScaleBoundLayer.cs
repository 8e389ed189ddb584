using Differential.Core.Numerics;

namespace Differential.Core.Networks;

/// <summary>(x − center) · scale + offset with numbers for each channel, channels innermost: a batch normalisation that nothing takes along.</summary>
internal sealed class ScaleBoundLayer : AffineBoundLayer
{
    /// <summary>Roundings of the difference, both factors, the product and the sum, with room, at the magnitude of all of them.</summary>
    private const int Terms = 10;

    private readonly double[] _center;
    private readonly double[] _scale;
    private readonly double[] _offset;
    private readonly double _largest;

    /// <param name="length">Of the vectors.</param>
    /// <param name="center">Taken off each channel.</param>
    /// <param name="scale">Factors.</param>
    /// <param name="offset">Added.</param>
    public ScaleBoundLayer(int length, double[] center, double[] scale, double[] offset)
        : base(length, length)
    {
        (_center, _scale, _offset) = (center, scale, offset);
        _largest = scale.Max(Math.Abs);
    }

    public override (double L2, double Linf)? Stretch => (_largest, _largest);

    public override SumRounding Rounding => new(Terms, _largest, Outputs);

    public override (double Row, double Column) AbsoluteSums() => (_largest, _largest);

    public override double Backward(double[] y, double[] x)
    {
        double constant = 0;
        for (int i = 0; i < y.Length; i++)
        {
            int c = i % _scale.Length;
            x[i] = y[i] * _scale[c];
            constant += y[i] * (_offset[c] - (_center[c] * _scale[c]));
        }

        return constant;
    }

    protected override void Sums(double[] x, double[] radius, double[] y, double[] spread, double[] magnitude, double[]? partials)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int c = i % _scale.Length;
            double size = Math.Abs(_scale[c]);
            y[i] = ((x[i] - _center[c]) * _scale[c]) + _offset[c];
            spread[i] = radius[i] * size;
            magnitude[i] = ((Math.Abs(x[i]) + Math.Abs(_center[c])) * size) + Math.Abs(_offset[c]);
        }
    }
}
