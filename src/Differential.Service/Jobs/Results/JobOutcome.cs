using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Decisions;

namespace Differential.Service.Jobs.Results;

/// <summary>What a job found: the fields of result.json that its kind adds.</summary>
public abstract record JobOutcome;

/// <summary>Samples of a split, and the share that the network decides correctly.</summary>
public sealed record SplitAccuracy(int Count, double Accuracy);

/// <summary>A trained network.</summary>
public record TrainOutcome : JobOutcome
{
    public required SplitAccuracy Train { get; init; }

    public required SplitAccuracy Test { get; init; }

    /// <summary>Of two classes; null for more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required double? Threshold { get; init; }

    /// <summary>One for each of three classes or more; null for two.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<float>? Thresholds { get; init; }

    /// <summary>The last epoch's mean loss.</summary>
    public required double Loss { get; init; }

    /// <summary>Smallest y·score on the training set; of three classes or more the smallest margin of a class over another.</summary>
    public required double ScoreMargin { get; init; }

    public required double ImagesPerSecond { get; init; }

    /// <summary>The distribution of y·score, of three classes or more of the smallest margins, by the names "train" and "test".</summary>
    public required IReadOnlyDictionary<string, MarginSummary> Margins { get; init; }

    /// <summary>The penultimate features of the training images; null for points and for very wide features.</summary>
    public required FeatureSummary? Features { get; init; }
}

/// <summary>An attack within a budget, or one that looks for the smallest distance.</summary>
public sealed record AttackRow
{
    public required string Kind { get; init; }

    public required AttackNorm Norm { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Epsilon { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Flipped { get; init; }

    /// <summary>Flipped over attacked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FlipRate { get; init; }

    /// <summary>Of the smallest perturbations found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DistanceSummary? Distance { get; init; }

    /// <summary>Searches that ended at a gradient of exactly 0, a sign of saturated scores.</summary>
    public long ZeroGradients { get; init; }

    public static AttackRow Of(AttackOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        bool budget = outcome.Epsilon is not null;
        return new AttackRow
        {
            Kind = outcome.Kind,
            Norm = outcome.Norm,
            Epsilon = outcome.Epsilon,
            Flipped = budget ? outcome.FlippedCount : null,
            FlipRate = budget ? outcome.FlipRate : null,
            Distance = outcome.DistanceSummary,
            ZeroGradients = outcome.ZeroGradients,
        };
    }
}

/// <summary>The attacks on one split.</summary>
public sealed record SplitAttacks(int Count, int Correct, double Accuracy, int Attacked, IReadOnlyList<AttackRow> Attacks)
{
    /// <summary>What is known of the attacked samples' distances to the boundary, by norm.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, BracketSummary>? Distances { get; init; }

    public static SplitAttacks Of(SplitAttackResult result, IReadOnlyList<MarginBracket> brackets)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(brackets);
        return new SplitAttacks(result.Count, result.Correct, result.Accuracy, result.Attacked, [.. result.Attacks.Select(AttackRow.Of)])
        {
            Distances = result.Attacked == 0 ? null : BracketSummary.Of(brackets),
        };
    }
}

/// <summary>An attacked network.</summary>
public sealed record AttackJobOutcome : JobOutcome
{
    /// <summary>By the names "train" and "test".</summary>
    public required IReadOnlyDictionary<string, SplitAttacks> Splits { get; init; }

    /// <summary>Empty where they were not asked for.</summary>
    public IReadOnlyList<CheckLine> Checks { get; init; } = [];
}

/// <summary>A loss of a comparison: its network's training and attacks.</summary>
public sealed record ComparedModel : TrainOutcome
{
    [SetsRequiredMembers]
    public ComparedModel(TrainOutcome trained)
        : base(trained)
    {
        Name = string.Empty;
        Splits = new Dictionary<string, SplitAttacks>();
    }

    [JsonPropertyOrder(-1)]
    public string Name { get; init; }

    /// <summary>Of its training.</summary>
    [JsonPropertyOrder(-1)]
    public long Seed { get; init; }

    /// <summary>Of the model file, within the run's folder.</summary>
    [JsonPropertyOrder(-1)]
    public string Folder { get; init; } = string.Empty;

    public IReadOnlyDictionary<string, SplitAttacks> Splits { get; init; }
}

/// <summary>An attack, budget and split, with what each loss's network does under it.</summary>
public sealed record ComparisonRow
{
    public required string Kind { get; init; }

    public required AttackNorm Norm { get; init; }

    public double? Epsilon { get; init; }

    public required string Split { get; init; }

    /// <summary>By the loss's name, the mean over its seeds; of an attack with a budget.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double?>? FlipRate { get; init; }

    /// <summary>By the loss's name, the mean over its seeds; of an attack that looks for the smallest distance.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double?>? MedianDistance { get; init; }

    /// <summary>By the loss's name, of the figure over its seeds; where there are several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, Spread?>? Spread { get; init; }
}

/// <summary>A comparison of losses.</summary>
public sealed record CompareOutcome : JobOutcome
{
    public required IReadOnlyList<ComparedModel> Models { get; init; }

    public required IReadOnlyList<ComparisonRow> Comparison { get; init; }

    /// <summary>Null where it was not asked for, or could not be had.</summary>
    public EqualAccuracyResult? EqualAccuracy { get; init; }

    /// <summary>Empty where they were not asked for.</summary>
    public IReadOnlyList<CheckLine> Checks { get; init; } = [];
}

/// <summary>A linear model of a theory job.</summary>
public sealed record TheoryModelResult(double Margin, double MarginRatio, int Iterations, double LearningRate, int? StepsTo99, int? StepsTo999);

/// <summary>The linear theory on a data set.</summary>
public sealed record TheoryOutcome : JobOutcome
{
    public required double SvmMargin { get; init; }

    /// <summary>Null where the data has no constant direction.</summary>
    public required double? BoundaryBound { get; init; }

    /// <summary>Margin to which cross-entropy's training converges.</summary>
    public required double CrossEntropyLimit { get; init; }

    /// <summary>The bias at that limit, scaled so that the smallest y(w·x + b) is 1.</summary>
    public required double Bias { get; init; }

    /// <summary>ΣΔ² over the constant directions.</summary>
    public required double ConstantSquares { get; init; }

    public required IReadOnlyDictionary<string, TheoryModelResult> Models { get; init; }
}
