using Differential.Core.Numerics;

namespace Differential.Core.Networks;

/// <summary>A convex combination of two vectors that come one behind the other.</summary>
/// <param name="length">Of each.</param>
/// <param name="shares">Their factors.</param>
internal sealed class MixBoundLayer(int length, IReadOnlyList<float> shares) : AffineBoundLayer(2 * length, length)
{
    /// <summary>Two products and their sum, with room for the factors' own sum.</summary>
    private const int Terms = 4;

    public override bool IsListed => false;

    public override SumRounding Rounding => new(Terms, 1, Outputs);

    public override double Share(int input) => shares[input];

    public override (double Row, double Column) AbsoluteSums() => ((double)shares[0] + shares[1], Math.Max(shares[0], shares[1]));

    public override double Backward(double[] y, double[] x)
    {
        for (int o = 0; o < Outputs; o++)
        {
            x[o] = shares[0] * y[o];
            x[Outputs + o] = shares[1] * y[o];
        }

        return 0;
    }

    protected override void Sums(double[] x, double[] radius, double[] y, double[] spread, double[] magnitude, double[]? partials)
    {
        for (int o = 0; o < Outputs; o++)
        {
            y[o] = (shares[0] * x[o]) + (shares[1] * x[Outputs + o]);
            spread[o] = (shares[0] * radius[o]) + (shares[1] * radius[Outputs + o]);
            magnitude[o] = (shares[0] * Math.Abs(x[o])) + (shares[1] * Math.Abs(x[Outputs + o]));
        }
    }
}
