using Differential.Core.Attacks;

namespace Differential.Service.Kinds.Compare;

/// <summary>The table of a comparison, from its networks.</summary>
internal static class Comparison
{
    /// <summary>
    /// One row per attack, budget and split, with each entry's mean over its seeds. An entry of whose networks nothing was attacked has no
    /// value in it.
    /// </summary>
    public static IReadOnlyList<ComparisonRow> Rows(IReadOnlyList<ComparedPart> models, IReadOnlyList<string> splits)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(splits);
        var rows = new List<ComparisonRow>();
        for (int s = 0; s < splits.Count; s++)
        {
            IReadOnlyList<AttackResult> kinds = models.Select(m => m.Attacks[s].Result.Attacks).MaxBy(a => a.Count)!;
            for (int k = 0; k < kinds.Count; k++)
            {
                bool budget = kinds[k].Epsilon is not null;
                Dictionary<string, double[]> values = ByName(models, m => m.Attacks[s].Result.Attacks.ElementAtOrDefault(k) is { } outcome
                    ? budget ? outcome.FlipRate : outcome.DistanceSummary?.Median
                    : null);
                Dictionary<string, double?> means = Means(values);
                bool spreads = models.Any(m => m.Run.Seed != models[0].Run.Seed);
                rows.Add(new ComparisonRow
                {
                    Kind = kinds[k].Kind,
                    Norm = kinds[k].Norm,
                    Epsilon = kinds[k].Epsilon,
                    Split = splits[s],
                    FlipRate = budget ? means : null,
                    MedianDistance = budget ? null : means,
                    Spread = spreads ? values.ToDictionary(v => v.Key, v => Spread.Of(v.Value)) : null,
                });
            }
        }

        return rows;
    }

    /// <summary>Flip rates at the lowest of the final accuracies.</summary>
    public static EqualAccuracyResult AtEqualAccuracy(IReadOnlyList<ComparedPart> models, EpochCurve curve)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(curve);
        double accuracy = models.Min(m => m.Trained.Outcome.Test.Accuracy);
        return new EqualAccuracyResult
        {
            Accuracy = accuracy,
            Kind = "pgd",
            Norm = curve.Norm,
            Epsilon = curve.Epsilon,
            Samples = EpochCurve.Samples,
            FlipRate = Means(ByName(models, m => EpochCurve.At(m.Trained.Curve ?? [], accuracy))),
            FinalFlipRate = Means(ByName(models, m => m.Trained.Curve is [.., var last] ? last.FlipRate : null)),
        };
    }

    private static Dictionary<string, double[]> ByName(IReadOnlyList<ComparedPart> models, Func<ComparedPart, double?> value) => models
        .GroupBy(m => m.Run.Name)
        .ToDictionary(g => g.Key, g => g.Select(value).Where(v => v is double number && double.IsFinite(number)).Select(v => v!.Value).ToArray());

    private static Dictionary<string, double?> Means(Dictionary<string, double[]> values) =>
        values.ToDictionary(v => v.Key, v => v.Value.Length == 0 ? (double?)null : v.Value.Average());
}
