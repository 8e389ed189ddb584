namespace Differential.Core.Decisions;

/// <summary>
/// Quantiles and mean of distances, in the scale of the inputs. A sample without a flip counts as infinitely far, so a
/// quantile that falls among those is null; the mean is over the finite ones, null where there are none.
/// </summary>
public sealed record DistanceSummary(double? Median, double? Mean, double? P05, double? P25, double? P75, double? P95)
{
    /// <summary>Samples without a flip: in the quantiles as infinitely far, not in the mean.</summary>
    public int NotFound { get; init; }

    /// <param name="distances">One per sample; null where no flip was found.</param>
    public static DistanceSummary From(IReadOnlyList<double?> distances)
    {
        ArgumentNullException.ThrowIfNull(distances);
        double[] sorted = [.. distances.Select(distance => distance ?? double.PositiveInfinity).Order()];
        double[] finite = [.. sorted.Where(double.IsFinite)];
        return new DistanceSummary(
            Quantile(sorted, 0.5),
            finite.Length == 0 ? null : finite.Average(),
            Quantile(sorted, 0.05),
            Quantile(sorted, 0.25),
            Quantile(sorted, 0.75),
            Quantile(sorted, 0.95))
        {
            NotFound = sorted.Length - finite.Length,
        };
    }

    /// <summary>Linear between the order statistics (type 7 of Hyndman and Fan, 1996).</summary>
    private static double? Quantile(double[] sorted, double share)
    {
        if (sorted.Length == 0)
        {
            return null;
        }

        double place = share * (sorted.Length - 1);
        int below = (int)Math.Floor(place);
        double part = place - below;
        if (part == 0)
        {
            return double.IsFinite(sorted[below]) ? sorted[below] : null;
        }

        double value = sorted[below] + (part * (sorted[below + 1] - sorted[below]));
        return double.IsFinite(value) ? value : null;
    }
}
