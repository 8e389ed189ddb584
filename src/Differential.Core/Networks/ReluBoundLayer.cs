namespace Differential.Core.Networks;

/// <summary>max(z, 0) of each coordinate.</summary>
internal sealed class ReluBoundLayer(int length) : PiecewiseBoundLayer(length, length)
{
    public override bool IsListed => false;

    public override int Functions => Inputs;

    public override Box Propagate(Box box) =>
        new([.. box.Low.Select(static value => Math.Max(value, 0))], [.. box.High.Select(static value => Math.Max(value, 0))]);

    public override void Function(int index, double sign, double[] row) => row[index] = sign;

    public override Box FunctionBounds(Box box) => box;

    public override double Relax(double[] y, Box bounds, double[] x)
    {
        double constant = 0;
        for (int i = 0; i < x.Length; i++)
        {
            (x[i], double shift) = RectifierLine(y[i], bounds.Low[i], bounds.High[i]);
            constant += shift;
        }

        return constant;
    }
}
