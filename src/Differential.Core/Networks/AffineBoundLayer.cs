using Differential.Core.Numerics;

namespace Differential.Core.Networks;

/// <summary>x ↦ A·x + b.</summary>
internal abstract class AffineBoundLayer(int inputs, int outputs) : BoundLayer(inputs, outputs)
{
    /// <summary>What an output loses in float32.</summary>
    public abstract SumRounding Rounding { get; }

    /// <summary>x = Aᵀ·y, overwritten; returns ⟨b, y⟩.</summary>
    public abstract double Backward(double[] y, double[] x);

    /// <summary>The largest row sum and the largest column sum of |A|, or more.</summary>
    public abstract (double Row, double Column) AbsoluteSums();

    /// <summary>The outputs for the inputs within <paramref name="radius"/> of a centre.</summary>
    /// <param name="center">Of the inputs.</param>
    /// <param name="radius">Half-widths.</param>
    /// <param name="arithmetic">Of the errors.</param>
    public AffineImage Image(double[] center, double[] radius, Arithmetic arithmetic)
    {
        var image = new AffineImage(new double[Outputs], new double[Outputs], new double[Outputs], new double[Outputs]);
        Sums(center, radius, image.Center, image.Spread, image.Magnitude);
        double input = 0;
        for (int i = 0; i < Inputs; i++)
        {
            input = Math.Max(input, Math.Abs(center[i]) + radius[i]);
        }

        SumRounding rounding = Rounding;
        for (int o = 0; o < Outputs; o++)
        {
            image.Error[o] = rounding.Of(Math.Abs(image.Center[o]) + image.Spread[o], image.Magnitude[o] + image.Spread[o], input, arithmetic == Arithmetic.Rounded);
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

    /// <summary>y = A·x + b, spread = |A|·radius, magnitude = |A|·|x| + |b|; all three are zeros before.</summary>
    protected abstract void Sums(double[] x, double[] radius, double[] y, double[] spread, double[] magnitude);
}
