namespace Differential.Core.Certificates;

/// <summary>Average pooling: each output is the mean of a list of inputs; with lists of one, a new order.</summary>
/// <param name="inputs">Length of the input.</param>
/// <param name="members">The inputs of each output, all lists equally long.</param>
internal sealed class MeanBoundLayer(int inputs, int[][] members) : AffineBoundLayer(inputs, members.Length)
{
    private readonly double _share = 1.0 / members[0].Length;

    public override void Forward(double[] x, double[] y)
    {
        for (int o = 0; o < Outputs; o++)
        {
            double sum = 0;
            foreach (int member in members[o])
            {
                sum += x[member];
            }

            y[o] = sum * _share;
        }
    }

    public override void ForwardAbsolute(double[] x, double[] y) => Forward(x, y);

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
}
