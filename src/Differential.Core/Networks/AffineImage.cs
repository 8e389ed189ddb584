namespace Differential.Core.Networks;

/// <summary>What an affine layer makes of a box: centre ± (spread + error) holds its outputs.</summary>
/// <param name="Center">A·x + b of the centre x.</param>
/// <param name="Spread">|A|·r of the half-widths r.</param>
/// <param name="Magnitude">|A|·|x| + |b|.</param>
/// <param name="Error">How far the outputs can be from the exact ones of the same inputs of the box, in the arithmetic that was asked for; the bounds' own rounding too.</param>
internal sealed record AffineImage(double[] Center, double[] Spread, double[] Magnitude, double[] Error)
{
    public Box ToBox()
    {
        var low = new double[Center.Length];
        var high = new double[Center.Length];
        for (int i = 0; i < low.Length; i++)
        {
            double width = Spread[i] + Error[i];
            (low[i], high[i]) = (Center[i] - width, Center[i] + width);
        }

        return new Box(low, high);
    }
}
