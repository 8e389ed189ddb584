using Differential.Core.Numerics;

namespace Differential.Core.Networks;

/// <summary>A dense layer.</summary>
internal sealed class DenseBoundLayer : AffineBoundLayer
{
    private readonly double[] _weight;
    private readonly double[][] _offsets;
    private readonly SumRounding _rounding;

    /// <param name="inputs">Its inputs.</param>
    /// <param name="outputs">Its outputs.</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="offsets">What is added to the outputs: the bias; minus the thresholds.</param>
    public DenseBoundLayer(int inputs, int outputs, float[] weight, params double[][] offsets)
        : base(inputs, outputs)
    {
        _weight = [.. weight.Select(static value => (double)value)];
        _offsets = offsets;
        _rounding = new SumRounding(inputs + offsets.Length, _weight.Max(Math.Abs), outputs);
    }

    public override (double L2, double Linf)? Stretch => null;

    public override SumRounding Rounding => _rounding;

    public override (double Row, double Column) AbsoluteSums()
    {
        double row = 0;
        var columns = new double[Inputs];
        for (int o = 0; o < Outputs; o++)
        {
            double sum = 0;
            for (int i = 0; i < Inputs; i++)
            {
                double size = Math.Abs(_weight[(o * Inputs) + i]);
                sum += size;
                columns[i] += size;
            }

            row = Math.Max(row, sum);
        }

        return (row, columns.Max());
    }

    public override double Backward(double[] y, double[] x)
    {
        Array.Clear(x);
        double constant = 0;
        for (int o = 0; o < Outputs; o++)
        {
            double factor = y[o];
            if (factor == 0)
            {
                continue;
            }

            foreach (double[] offset in _offsets)
            {
                constant += factor * offset[o];
            }

            VectorMath.AddScaled(x, factor, Weights(o));
        }

        return constant;
    }

    protected override bool KnowsOrder => true;

    protected override (double L2, double Linf) PartialGrowth((double L2, double Linf) norm) => DensePartialSums.Growth(Inputs, _offsets.Length, norm);

    protected override void Sums(double[] x, double[] radius, double[] y, double[] spread, double[] magnitude, double[]? partials)
    {
        for (int o = 0; o < Outputs; o++)
        {
            (y[o], spread[o], magnitude[o]) = VectorMath.Sums(Weights(o), x, radius);
            double offsets = 0;
            foreach (double[] offset in _offsets)
            {
                y[o] += offset[o];
                offsets += Math.Abs(offset[o]);
            }

            magnitude[o] += offsets;
            if (partials is not null)
            {
                partials[o] = DensePartialSums.Sizes(Weights(o), x, radius, _offsets.Length, offsets);
            }
        }
    }

    private ReadOnlySpan<double> Weights(int output) => _weight.AsSpan(output * Inputs, Inputs);
}
