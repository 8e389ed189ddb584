using Differential.Core.Attacks;
using Differential.Core.Files;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Compare;

/// <summary>The table of a comparison, from its networks.</summary>
internal static class Comparison
{
    /// <summary>
    /// One row per attack, budget and split, with each entry's mean over its seeds. An entry of whose networks nothing was attacked has no
    /// value in it, nor has one with a network of which half the samples are infinitely far.
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
                    ? budget ? outcome.FlipRate : outcome.DistanceSummary?.Median ?? double.PositiveInfinity
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
                    Spread = spreads ? values.ToDictionary(v => v.Key, v => v.Value.All(double.IsFinite) ? Spread.Of(v.Value) : null) : null,
                });
            }
        }

        return rows;
    }

    /// <summary>Writes the samples and the report of a comparison, and gives its outcome.</summary>
    /// <param name="run">The run.</param>
    /// <param name="spec">The job.</param>
    /// <param name="models">Its networks, in order: those that there are.</param>
    /// <param name="hasTest">Whether the data have test samples.</param>
    /// <param name="samples">The file of the samples.</param>
    /// <param name="selection">How their settings were chosen; null where there was nothing to choose.</param>
    public static CompareOutcome Finish(ReportedRun run, CompareSpec spec, IReadOnlyList<ComparedPart> models, bool hasTest, string samples, Selection? selection = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(models);
        SamplesCsv.Write(
            samples,
            SampleExport.Parts([.. models.SelectMany(m => m.Attacks.Select(a => new AttackedSplit(m.Run.Label, a.Split, a.Result, m.Evaluated.Brackets[a.Split])))]));
        CompareOutcome outcome = Outcome(spec, models, hasTest) with { Selection = selection };
        CompareReport.Write(run, models, outcome);
        return outcome;
    }

    /// <summary>The outcome of a comparison.</summary>
    public static CompareOutcome Outcome(CompareSpec spec, IReadOnlyList<ComparedPart> models, bool hasTest)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(models);
        EpochCurve? curve = hasTest ? EpochCurve.Of(spec) : null;
        IReadOnlyList<ComparedDistance> distances = ComparedDistance.Of(models, spec.Split.Names);
        return new CompareOutcome
        {
            Models = [.. models.Select(m => m.ToModel())],
            Comparison = Rows(models, spec.Split.Names),
            Robust = RobustComparison.Rows(distances),
            Differences = NetworkDifference.Rows(distances),
            EqualAccuracy = curve is null ? null : AtEqualAccuracy(models, curve),
            Checks = [.. models.SelectMany(m => m.Evaluated.Checks)],
        };
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
            FlipRate = Means(ByName(models, m => EpochCurve.At(m.Trained.Curve ?? [], accuracy) ?? double.PositiveInfinity)),
            FinalFlipRate = Means(ByName(models, m => m.Trained.Curve is [.., var last] ? last.FlipRate : null)),
        };
    }

    /// <summary>Each entry's values; ∞ where one is known to be beyond any.</summary>
    private static Dictionary<string, double[]> ByName(IReadOnlyList<ComparedPart> models, Func<ComparedPart, double?> value) => models
        .GroupBy(m => m.Run.Name)
        .ToDictionary(g => g.Key, g => g.Select(value).Where(v => v is double number && !double.IsNaN(number)).Select(v => v!.Value).ToArray());

    /// <summary>The mean over an entry's seeds; null where there are none, or one is beyond any value.</summary>
    internal static double? Mean(IReadOnlyList<double> seeds) => seeds.Count > 0 && seeds.All(double.IsFinite) ? seeds.Average() : null;

    private static Dictionary<string, double?> Means(Dictionary<string, double[]> values) => values.ToDictionary(v => v.Key, v => Mean(v.Value));
}
