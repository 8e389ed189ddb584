using Differential.Core.Numerics;

namespace Differential.Core.Networks;

/// <summary>x ↦ A·x + b.</summary>
internal abstract class AffineBoundLayer(int inputs, int outputs) : BoundLayer(inputs, outputs)
{
    /// <summary>What an output loses in float32.</summary>
    public abstract SumRounding Rounding { get; }

    /// <summary>x = Aᵀ·y, overwritten; returns ⟨b, y⟩.</summary>
    public abstract double Backward(double[] y, double[] x);

    /// <summary>A row of A.</summary>
    public double[] Row(int output)
    {
        var unit = new double[Outputs];
        unit[output] = 1;
        var row = new double[Inputs];
        Backward(unit, row);
        return row;
    }

    /// <summary>The largest row sum and the largest column sum of |A|, or more.</summary>
    public abstract (double Row, double Column) AbsoluteSums();

    /// <summary>The outputs for the inputs within <paramref name="radius"/> of a centre.</summary>
    /// <param name="center">Of the inputs.</param>
    /// <param name="radius">Half-widths.</param>
    /// <param name="arithmetic">Of the errors.</param>
    public AffineImage Image(double[] center, double[] radius, Arithmetic arithmetic)
    {
        var image = new AffineImage(new double[Outputs], new double[Outputs], new double[Outputs], new double[Outputs]);
        double[]? partials = arithmetic == Arithmetic.Rounded && KnowsOrder ? new double[Outputs] : null;
        Sums(center, radius, image.Center, image.Spread, image.Magnitude, partials);
        double input = 0;
        for (int i = 0; i < Inputs; i++)
        {
            input = Math.Max(input, Math.Abs(center[i]) + radius[i]);
        }

        SumRounding rounding = Rounding;
        for (int o = 0; o < Outputs; o++)
        {
            double magnitude = image.Magnitude[o] + image.Spread[o];
            double worst = rounding.Worst(Math.Abs(image.Center[o]) + image.Spread[o], magnitude);
            image.Error[o] = rounding.Of(partials is null ? worst : Math.Min(partials[o], worst + magnitude), magnitude, input, arithmetic != Arithmetic.Exact);
        }

        return image;
    }

    /// <summary>The same for a box.</summary>
    public AffineImage Image(Box box, Arithmetic arithmetic)
    {
        var center = new double[Inputs];
        var radius = new double[Inputs];
        for (int i = 0; i < Inputs; i++)
        {
            center[i] = (box.Low[i] / 2) + (box.High[i] / 2);
            radius[i] = (box.High[i] / 2) - (box.Low[i] / 2);
        }

        return Image(center, radius, arithmetic);
    }

    /// <summary>What the errors of some outputs together grow by, in L2 and in L∞, where the inputs move by 1.</summary>
    /// <param name="norm">Upper bounds on the norms of the outputs' rows.</param>
    /// <param name="magnitude">The same of the rows' absolute values.</param>
    /// <param name="outputs">How many outputs.</param>
    /// <param name="arithmetic">Of the errors.</param>
    public (double L2, double Linf) ErrorGrowth((double L2, double Linf) norm, (double L2, double Linf) magnitude, int outputs, Arithmetic arithmetic)
    {
        SumRounding rounding = Rounding;
        (double L2, double Linf) partials = (rounding.Worst(magnitude.L2, magnitude.L2), rounding.Worst(magnitude.Linf, magnitude.Linf));
        if (arithmetic == Arithmetic.Rounded && KnowsOrder)
        {
            (double L2, double Linf) known = PartialGrowth(norm);
            partials = (Math.Min(partials.L2 + magnitude.L2, known.L2), Math.Min(partials.Linf + magnitude.Linf, known.Linf));
        }

        bool rounds = arithmetic != Arithmetic.Exact;
        return (rounding.GrowthOf(partials.L2, magnitude.L2, Math.Sqrt(outputs), rounds), rounding.GrowthOf(partials.Linf, magnitude.Linf, 1, rounds));
    }

    /// <summary>Whether the order of each sum on the SIMD device is known here.</summary>
    protected virtual bool KnowsOrder => false;

    /// <summary>What Σ|partial sum| of the outputs grows by, in L2 and in L∞, where the inputs move by 1; where <see cref="KnowsOrder"/>.</summary>
    /// <param name="norm">Upper bounds on the norms of the outputs' rows.</param>
    protected virtual (double L2, double Linf) PartialGrowth((double L2, double Linf) norm) => (double.PositiveInfinity, double.PositiveInfinity);

    /// <summary>y = A·x + b, spread = |A|·radius, magnitude = |A|·|x| + |b|; all are zeros before.</summary>
    /// <param name="x">The centre of a box.</param>
    /// <param name="radius">Its half-widths.</param>
    /// <param name="y">[outputs].</param>
    /// <param name="spread">[outputs].</param>
    /// <param name="magnitude">[outputs].</param>
    /// <param name="partials">[outputs] where <see cref="KnowsOrder"/>: of each partial sum that the SIMD device rounds the largest size in the box, added up; null where nobody asks.</param>
    protected abstract void Sums(double[] x, double[] radius, double[] y, double[] spread, double[] magnitude, double[]? partials);
}
