namespace Differential.Core.Attacks;

/// <summary>
/// Rounding of inputs to multiples of 1/255, as a stored 8-bit image has them. A value next to the middle between two levels would be rounded
/// by chance, one way in float32 and the other in float64: it belongs to the level on the clean value's side.
/// </summary>
internal static class InputRounding
{
    private const double Levels = 255;

    /// <summary>How near to the middle between two levels counts as in the middle, in levels.</summary>
    private const double Near = 1e-3;

    /// <summary>How far from the middle a value is put that lay there, in levels.</summary>
    private const double Away = 2e-3;

    /// <summary>Moves values that lie in the middle between two levels towards the clean ones, until every reader rounds them alike.</summary>
    public static void LeaveMiddles(Span<float> x, ReadOnlySpan<float> clean)
    {
        for (int i = 0; i < x.Length; i++)
        {
            double level = x[i] * Levels;
            double middle = Math.Floor(level) + 0.5;
            if (Math.Abs(level - middle) < Near)
            {
                double own = clean[i] * Levels;
                x[i] = (float)((own < middle ? Math.Max(middle - Away, own) : Math.Min(middle + Away, own)) / Levels);
            }
        }
    }

    /// <summary>Rounds to the nearest level; NaN stays NaN.</summary>
    public static void Round(Span<float> x)
    {
        foreach (ref float value in x)
        {
            value = (float)(Math.Round(value * Levels) / Levels);
        }
    }
}
