namespace Differential.Core.Decisions;

/// <summary>The distribution of the signed margins y·s of a set of samples.</summary>
/// <param name="Count">Samples.</param>
/// <param name="Smallest">The smallest margin; negative where a sample is misclassified.</param>
/// <param name="P01">1 % quantile. Quantiles interpolate linearly between the two nearest of the sorted values.</param>
/// <param name="P05">5 % quantile.</param>
/// <param name="P25">25 % quantile.</param>
/// <param name="P50">Median.</param>
/// <param name="P75">75 % quantile.</param>
/// <param name="P95">95 % quantile.</param>
/// <param name="Mean">Mean.</param>
public sealed record MarginSummary(int Count, double Smallest, double P01, double P05, double P25, double P50, double P75, double P95, double Mean)
{
    /// <summary>Of margins as they are, at least one, none of them NaN.</summary>
    public static MarginSummary Of(ReadOnlySpan<double> margins)
    {
        ArgumentOutOfRangeException.ThrowIfZero(margins.Length, nameof(margins));
        double[] sorted = margins.ToArray();
        if (Array.Exists(sorted, double.IsNaN))
        {
            throw new ArgumentException("a margin is not a number", nameof(margins));
        }

        Array.Sort(sorted);
        return new MarginSummary(
            sorted.Length,
            sorted[0],
            Quantile(sorted, 0.01),
            Quantile(sorted, 0.05),
            Quantile(sorted, 0.25),
            Quantile(sorted, 0.5),
            Quantile(sorted, 0.75),
            Quantile(sorted, 0.95),
            sorted.Average());
    }

    /// <summary>The quantile of ascending values that lies at the share of the way from the first to the last.</summary>
    /// <param name="sorted">Ascending, at least one.</param>
    /// <param name="share">In [0, 1].</param>
    public static double Quantile(ReadOnlySpan<double> sorted, double share)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sorted.Length, nameof(sorted));
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        double part = position - below;
        return part > 0 ? sorted[below] + (part * (sorted[above] - sorted[below])) : sorted[below];
    }
}
