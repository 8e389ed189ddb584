using Differential.Core.Numerics;

namespace Differential.Core.Networks;

/// <summary>Average pooling: each output is the mean of a list of inputs; with lists of one, a new order.</summary>
/// <param name="inputs">Length of the input.</param>
/// <param name="members">The inputs of each output, all lists equally long.</param>
/// <param name="stretch">Upper bound on the L2 norm of the map.</param>
internal sealed class MeanBoundLayer(int inputs, int[][] members, double stretch) : AffineBoundLayer(inputs, members.Length)
{
    private readonly double _share = 1.0 / members[0].Length;

    public override (double L2, double Linf)? Stretch => (stretch, 1);

    public override bool IsListed => members[0].Length > 1;

    /// <summary>The additions, the share and the product with it.</summary>
    public override SumRounding Rounding => new(members[0].Length == 1 ? 1 : members[0].Length + 2, 1, Outputs);

    public override (double Row, double Column) AbsoluteSums()
    {
        var columns = new double[Inputs];
        foreach (int member in members.SelectMany(static list => list))
        {
            columns[member] += _share;
        }

        return (1, columns.Max());
    }

    public override double Backward(double[] y, double[] x)
    {
        Array.Clear(x);
        for (int o = 0; o < Outputs; o++)
        {
            foreach (int member in members[o])
            {
                x[member] += y[o] * _share;
            }
        }

        return 0;
    }

    protected override void Sums(double[] x, double[] radius, double[] y, double[] spread, double[] magnitude, double[]? partials)
    {
        for (int o = 0; o < Outputs; o++)
        {
            foreach (int member in members[o])
            {
                y[o] += x[member];
                spread[o] += radius[member];
                magnitude[o] += Math.Abs(x[member]);
            }

            y[o] *= _share;
            spread[o] *= _share;
            magnitude[o] = magnitude[o] * _share;
        }
    }
}
