using System.Globalization;

namespace Differential.Core.Data;

/// <summary>A box that attacks on points stay in.</summary>
internal static class PointBounds
{
    /// <summary>Adds what is wrong with the field <c>bounds</c>.</summary>
    public static void Check(IReadOnlyList<double>? bounds, bool images, InputMistakes mistakes)
    {
        if (bounds is null)
        {
            return;
        }

        if (images)
        {
            mistakes.Add($"{DataOptions.Place}.bounds", "bounds of images", "bounds of points: images have [0, 1]");
        }
        else if (bounds.Count == 2 && !((float)bounds[0] < (float)bounds[1] && float.IsFinite((float)bounds[0]) && float.IsFinite((float)bounds[1])))
        {
            mistakes.Add($"{DataOptions.Place}.bounds", string.Create(CultureInfo.InvariantCulture, $"the numbers {bounds[0]} and {bounds[1]}"), "[low, high], low below high");
        }
    }

    /// <summary>Points with their box.</summary>
    /// <exception cref="InputException">A value lies outside.</exception>
    public static Dataset Apply(Dataset points, IReadOnlyList<double> bounds, string file)
    {
        (float low, float high) = ((float)bounds[0], (float)bounds[1]);
        int outside = Array.FindIndex(points.Features!, value => value < low || value > high);
        if (outside < 0)
        {
            return points.WithBounds(low, high);
        }

        int length = points.SampleShape.Length;
        throw new InputException(
            file,
            $"sample {(outside / length) + 1}, feature {(outside % length) + 1}",
            string.Create(CultureInfo.InvariantCulture, $"the value {points.Features![outside]}"),
            string.Create(CultureInfo.InvariantCulture, $"values from {low} to {high} (bounds)"));
    }
}
