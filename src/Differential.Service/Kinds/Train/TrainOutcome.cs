using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Core.Theory;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Train;

/// <summary>Samples of a split, and the share that the network decides correctly.</summary>
/// <param name="Count">Samples.</param>
/// <param name="Accuracy">Share of them that is decided correctly.</param>
public sealed record SplitAccuracy(int Count, double Accuracy) : SplitFigures(Count, Accuracy);

/// <summary>A trained network.</summary>
public record TrainOutcome : JobOutcome
{
    public required SplitAccuracy Train { get; init; }

    /// <summary>Without samples and accuracy where the data have no test set.</summary>
    public required SplitAccuracy Test { get; init; }

    /// <summary>Samples of the training set by class, where the job made the classes uneven.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, int>? TrainClasses { get; init; }

    /// <summary>The held-out samples; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitAccuracy? Validation { get; init; }

    /// <summary>The epoch whose network was kept; null where the last one is kept whatever it does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? KeptEpoch { get; init; }

    /// <summary>Natural batches without a pair of opposite classes, on which the loss took no step; null where batches are not natural or the loss needs no pairs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SkippedBatches { get; init; }

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

    /// <summary>Whether the theorem matters to this network; null for three classes or more, for very wide features, and where a class has no correct sample.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FeatureMargins? Theorem { get; init; }

    /// <summary>What a sample's margin is called: of several scores it is no score times a label.</summary>
    internal string MarginName() => Thresholds is null ? "y·score" : "margin";

    internal override void WriteTables(TextWriter output) => TrainTable.Write([("network", this)], output);
}
