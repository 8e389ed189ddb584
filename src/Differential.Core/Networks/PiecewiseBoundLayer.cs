using Differential.Core.Numerics;

namespace Differential.Core.Networks;

/// <summary>
/// A piecewise linear layer. Its relaxations need bounds on some linear functions of its input: its coordinates, or differences of
/// them.
/// </summary>
internal abstract class PiecewiseBoundLayer(int inputs, int outputs) : BoundLayer(inputs, outputs)
{
    /// <summary>Share of an output that a device may lose in float32; 0 where nothing is rounded.</summary>
    public virtual double Loss => 0;

    /// <summary>The most that an output of at most <paramref name="size"/> loses in float32.</summary>
    public double Lost(double size) => Loss == 0 ? 0 : (Loss * size) + SumRounding.Smallest;

    /// <summary>The box around the layer's outputs for inputs of a box, in exact arithmetic.</summary>
    public abstract Box Propagate(Box box);

    /// <summary>Number of functions to be bounded.</summary>
    public abstract int Functions { get; }

    /// <summary>Writes ± one of the functions as a row over the inputs, over zeros.</summary>
    public abstract void Function(int index, double sign, double[] row);

    /// <summary>Bounds on the functions from a box of the input.</summary>
    public abstract Box FunctionBounds(Box box);

    /// <summary>
    /// Replaces Σ y[i]·output[i] by a linear function of the input that is nowhere above it, for inputs whose functions lie in
    /// <paramref name="bounds"/>: its coefficients into x (overwritten), its constant as the result.
    /// </summary>
    public abstract double Relax(double[] y, Box bounds, double[] x);

    /// <summary>
    /// max(z, 0) from below, times a coefficient: the slope and constant of a line that is nowhere above coefficient·max(z, 0)
    /// for z in [low, high] (Zhang et al. 2018, table 2).
    /// </summary>
    protected static (double Slope, double Constant) RectifierLine(double coefficient, double low, double high)
    {
        if (low >= 0)
        {
            return (coefficient, 0);
        }

        if (high <= 0)
        {
            return (0, 0);
        }

        // From below the nearer of the two lines 0 and z, from above the chord.
        if (coefficient >= 0)
        {
            return (high > -low ? coefficient : 0, 0);
        }

        double chord = coefficient * high / (high - low);
        return (chord, -chord * low);
    }
}
