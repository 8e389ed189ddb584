namespace Differential.Core.Numerics;

/// <summary>
/// How far a sum of products in float32 can be from the exact one, with fused multiply-adds or without them; and in exact arithmetic, of which
/// only the bounds' own sums in float64 are short. With u = 2⁻²⁴, an addition loses at most u times what comes out of it, and a product
/// u times itself. With n terms t and partial sums s the loss is at most u / (1 − n·u) · (Σ|s| + (1 + n·u)·Σ|t|)
/// (Higham 2002, section 4.2). Values that underflow may become 0.
/// </summary>
internal readonly struct SumRounding
{
    /// <summary>u: half the distance from 1 to the next number of float32.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>The smallest normal number of float32: what lies below it may become 0.</summary>
    public const double Smallest = 1.0 / (1UL << 63) / (1UL << 63);

    /// <summary>The distance from 1 to the next number of float64.</summary>
    public const double DoubleUnit = 1.0 / (1L << 52);

    /// <summary>Roundings beside those of the terms: lanes and blocks that are added together.</summary>
    private const int Merges = 64;

    private readonly int _terms;
    private readonly double _largest;
    private readonly double _partials;
    private readonly double _products;
    private readonly double _own;

    /// <param name="terms">Products and other summands of a sum; 1 for a copy, which loses nothing.</param>
    /// <param name="largest">The largest absolute factor of the products.</param>
    /// <param name="sums">Sums whose own sum may be taken in float64: the outputs of a layer.</param>
    public SumRounding(int terms, double largest, int sums)
    {
        _terms = terms;
        _largest = largest;
        double share = (terms + Merges) * Unit;
        bool loses = terms > 1;
        _partials = !loses ? 0 : share < 0.5 ? Unit / (1 - share) : double.PositiveInfinity;
        _products = loses ? _partials * (1 + share) : 0;
        _own = ((2.0 * terms) + sums + Merges) * DoubleUnit;
    }

    /// <summary>Σ|s| in the worst order: no partial sum of n − 1 additions is larger than (Σ|t| + |Σt|) / 2.</summary>
    /// <param name="sum">|Σt|, or more.</param>
    /// <param name="magnitude">Σ|t|, or more.</param>
    public double Worst(double sum, double magnitude) => (_terms - 1) * ((sum / 2) + (magnitude / 2));

    /// <summary>What the errors of a layer grow by, at most, where its input moves by 1.</summary>
    /// <param name="partials">What Σ|s| grows by, of all outputs together.</param>
    /// <param name="magnitude">What Σ|t| grows by.</param>
    /// <param name="outputs">The norm of a vector of ones.</param>
    /// <param name="float32">Of float32; else of the bounds' own sums alone.</param>
    public double GrowthOf(double partials, double magnitude, double outputs, bool float32) =>
        (_own * magnitude) + (float32 && _largest > 0 ? (_partials * partials) + (_products * magnitude) + (2 * _terms * Smallest * outputs) : 0);

    /// <summary>The largest error; ∞ where float32 may overflow.</summary>
    /// <param name="partials">Σ|s|, or more.</param>
    /// <param name="magnitude">Σ|t|, or more.</param>
    /// <param name="input">The largest absolute value that is multiplied.</param>
    /// <param name="float32">Of float32; else of the bounds' own sums alone.</param>
    public double Of(double partials, double magnitude, double input, bool float32)
    {
        double error = _own * magnitude;
        if (!float32)
        {
            return error;
        }

        error += (_partials * partials) + (_products * magnitude) + (_terms * Smallest * (2 + (_largest > 0 ? _largest + input : 0)));
        return magnitude + error < float.MaxValue ? error : double.PositiveInfinity;
    }
}
