using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Train;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Compare;

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

    /// <summary>Robust and certified accuracy over all samples, by split and budget.</summary>
    public required IReadOnlyList<RobustComparisonRow> Robust { get; init; }

    /// <summary>Every pair of networks, by split and budget.</summary>
    public IReadOnlyList<NetworkDifference> Differences { get; init; } = [];

    /// <summary>Null where it was not asked for, or could not be had.</summary>
    public EqualAccuracyResult? EqualAccuracy { get; init; }

    /// <summary>The selected settings and the frontier; null where the job selects nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Selection? Selection { get; init; }

    /// <summary>Empty where they were not asked for.</summary>
    public IReadOnlyList<CheckLine> Checks { get; init; } = [];

    internal override void WriteTables(TextWriter output) => CompareTable.Write(this, output);
}

/// <summary>Spread of a figure over the seeds.</summary>
public sealed record Spread(double Min, double Max, double StandardDeviation)
{
    /// <summary>Null for fewer than two values.</summary>
    public static Spread? Of(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count < 2)
        {
            return null;
        }

        double mean = values.Average();
        return new Spread(values.Min(), values.Max(), Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)));
    }
}

/// <summary>Flip rates where all networks have the accuracy of the least accurate one, by the networks of some epochs.</summary>
public sealed record EqualAccuracyResult
{
    /// <summary>The lowest of the final test accuracies.</summary>
    public required double Accuracy { get; init; }

    public required string Kind { get; init; }

    public required AttackNorm Norm { get; init; }

    public required double Epsilon { get; init; }

    /// <summary>Correctly decided test samples attacked at most.</summary>
    public required int Samples { get; init; }

    /// <summary>By the loss's name, the mean over its seeds; null where its accuracy never passed the common one.</summary>
    public required IReadOnlyDictionary<string, double?> FlipRate { get; init; }

    /// <summary>The same attack on the same samples at the end.</summary>
    public required IReadOnlyDictionary<string, double?> FinalFlipRate { get; init; }
}
