namespace Differential.Core.Networks;

/// <summary>
/// MaxMin of the coordinates a = 2i and b = 2i + 1, by their difference alone: max = b + max(a − b, 0) and
/// min = a − max(a − b, 0).
/// </summary>
internal sealed class MaxMinBoundLayer(int length) : PiecewiseBoundLayer(length, length)
{
    public override bool IsListed => false;

    public override int Functions => Inputs / 2;

    public override Box Propagate(Box box)
    {
        var low = new double[Inputs];
        var high = new double[Inputs];
        for (int i = 0; i < Inputs; i += 2)
        {
            (low[i], low[i + 1]) = (Math.Max(box.Low[i], box.Low[i + 1]), Math.Min(box.Low[i], box.Low[i + 1]));
            (high[i], high[i + 1]) = (Math.Max(box.High[i], box.High[i + 1]), Math.Min(box.High[i], box.High[i + 1]));
        }

        return new Box(low, high);
    }

    public override void Function(int index, double sign, double[] row) => (row[2 * index], row[(2 * index) + 1]) = (sign, -sign);

    public override Box FunctionBounds(Box box)
    {
        int[] pairs = [.. Enumerable.Range(0, Functions)];
        return new Box(
            [.. pairs.Select(i => box.Low[2 * i] - box.High[(2 * i) + 1])],
            [.. pairs.Select(i => box.High[2 * i] - box.Low[(2 * i) + 1])]);
    }

    public override double Relax(double[] y, Box bounds, double[] x)
    {
        double constant = 0;
        for (int i = 0; i < Functions; i++)
        {
            (double larger, double smaller) = (y[2 * i], y[(2 * i) + 1]);
            (double slope, double shift) = RectifierLine(larger - smaller, bounds.Low[i], bounds.High[i]);
            x[2 * i] = smaller + slope;
            x[(2 * i) + 1] = larger - slope;
            constant += shift;
        }

        return constant;
    }
}
