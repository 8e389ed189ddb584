namespace Differential.Core.Networks;

/// <summary>The maximum over a list of inputs for each output.</summary>
/// <param name="inputs">Length of the input.</param>
/// <param name="members">The inputs of each output.</param>
/// <param name="along">Windows in one direction that an input takes part in, at most.</param>
internal sealed class MaxPoolBoundLayer(int inputs, int[][] members, int along) : PiecewiseBoundLayer(inputs, members.Length)
{
    public override (double L2, double Linf)? Stretch => (along, 1);

    public override int Functions => Inputs;

    public override Box Propagate(Box box) =>
        new([.. members.Select(list => list.Max(i => box.Low[i]))], [.. members.Select(list => list.Max(i => box.High[i]))]);

    public override void Function(int index, double sign, double[] row) => row[index] = sign;

    public override Box FunctionBounds(Box box) => box;

    /// <summary>From below the member of the largest lower bound; from above that one where it is the maximum everywhere, else a constant.</summary>
    public override double Relax(double[] y, Box bounds, double[] x)
    {
        Array.Clear(x);
        double constant = 0;
        for (int o = 0; o < Outputs; o++)
        {
            int best = members[o][0];
            foreach (int member in members[o])
            {
                best = bounds.Low[member] > bounds.Low[best] ? member : best;
            }

            double others = double.NegativeInfinity;
            foreach (int member in members[o])
            {
                others = member == best ? others : Math.Max(others, bounds.High[member]);
            }

            if (y[o] >= 0 || bounds.Low[best] >= others)
            {
                x[best] += y[o];
            }
            else
            {
                constant += y[o] * Math.Max(others, bounds.High[best]);
            }
        }

        return constant;
    }
}
