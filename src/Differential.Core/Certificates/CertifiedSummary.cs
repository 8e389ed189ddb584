using Differential.Core.Decisions;

namespace Differential.Core.Certificates;

/// <summary>
/// Quantiles and mean of certified distances, of the samples that have one. A quantile is null where no input flips the sample that it falls on;
/// the mean is over the finite ones.
/// </summary>
public sealed record CertifiedSummary(double? Median, double? Mean, double? P05, double? P25, double? P75, double? P95)
{
    /// <summary>Samples that a certificate was asked for.</summary>
    public int Asked { get; init; }

    /// <summary>Of these, samples without one: a layer that the methods do not know, or numbers beyond float32.</summary>
    public int NotAvailable { get; init; }

    /// <summary>Of these, samples that no input flips: in the quantiles as infinitely far.</summary>
    public int Infinite { get; init; }

    /// <param name="distances">Of each sample: null where none was asked for, NaN where none is available.</param>
    /// <returns>Null where none was asked for.</returns>
    public static CertifiedSummary? From(IReadOnlyList<double?> distances)
    {
        ArgumentNullException.ThrowIfNull(distances);
        double?[] asked = [.. distances.Where(static distance => distance is not null)];
        double?[] available = [.. asked.Where(static distance => !double.IsNaN(distance!.Value))];
        var summary = DistanceSummary.From(available);
        return asked.Length == 0 ? null : new CertifiedSummary(summary.Median, summary.Mean, summary.P05, summary.P25, summary.P75, summary.P95)
        {
            Asked = asked.Length,
            NotAvailable = asked.Length - available.Length,
            Infinite = summary.NotFound,
        };
    }
}
