using Differential.Core.Numerics;

namespace Differential.Core.Networks;

/// <summary>The sum of two vectors that come one behind the other.</summary>
/// <param name="length">Of each.</param>
internal sealed class AddBoundLayer(int length) : AffineBoundLayer(2 * length, length)
{
    public override bool IsListed => false;

    public override SumRounding Rounding => new(2, 1, Outputs);

    public override (double Row, double Column) AbsoluteSums() => (2, 1);

    public override double Backward(double[] y, double[] x)
    {
        y.CopyTo(x, 0);
        y.CopyTo(x, Outputs);
        return 0;
    }

    protected override void Sums(double[] x, double[] radius, double[] y, double[] spread, double[] magnitude, double[]? partials)
    {
        for (int o = 0; o < Outputs; o++)
        {
            y[o] = x[o] + x[Outputs + o];
            spread[o] = radius[o] + radius[Outputs + o];
            magnitude[o] = Math.Abs(x[o]) + Math.Abs(x[Outputs + o]);
        }
    }
}
