using System.Text.Json.Serialization;
using Differential.Core.Decisions;
using Differential.Core.Numerics;

namespace Differential.Service.Kinds;

/// <summary>How a network decides the samples of a split as they are.</summary>
/// <param name="Count">Samples.</param>
/// <param name="Accuracy">Share of them that is decided correctly.</param>
public record SplitFigures(int Count, double Accuracy)
{
    /// <summary>95 %, of the accuracy: Wilson's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Interval? AccuracyInterval { get; init; }

    /// <summary>Mean of the classes' accuracies.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BalancedAccuracy { get; init; }

    /// <summary>Whether the largest class has a tenth more samples than the smallest, so that balanced figures tell something else.</summary>
    [JsonIgnore]
    public bool IsUneven => PerClass is { Count: > 0 } rows && SplitDecisions.AreUneven([.. rows.Select(static row => row.Count)]);

    /// <summary>Area under the receiver's curve; of three classes or more the mean of each class's against all others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Auc { get; init; }

    /// <summary>Share of the positive samples that are decided for the positive class, at the network's threshold; of two classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TruePositiveRate { get; init; }

    /// <summary>Share of the negative samples that are decided for the positive class, at the network's threshold; of two classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FalsePositiveRate { get; init; }

    /// <summary>A row for each class; together the confusion matrix.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassRow>? PerClass { get; init; }

    /// <summary>Fills in what the decisions tell.</summary>
    /// <param name="split">The split's other figures.</param>
    /// <param name="decisions">Of all its samples.</param>
    /// <param name="names">Of the classes; of two the positive one first.</param>
    internal static T With<T>(T split, SplitDecisions decisions, IReadOnlyList<string> names)
        where T : SplitFigures
    {
        bool two = decisions.Counts.Count == 2;
        return (T)(split with
        {
            AccuracyInterval = split.Count > 0 ? Interval.Wilson(split.Accuracy, split.Count) : null,
            BalancedAccuracy = decisions.BalancedAccuracy,
            Auc = decisions.Auc,
            TruePositiveRate = two && decisions.Counts[0] > 0 ? decisions.Recall(0) : null,
            FalsePositiveRate = two && decisions.Counts[1] > 0 ? (double)decisions.Confusion[1][0] / decisions.Counts[1] : null,
            PerClass = ClassRow.Of(decisions, names),
        });
    }
}

/// <summary>How the samples of one class are decided.</summary>
/// <param name="Class">Its name.</param>
/// <param name="Count">Its samples.</param>
/// <param name="Accuracy">Share of them that is decided correctly.</param>
/// <param name="Decided">By the name of a class, how many of them are decided for it.</param>
public sealed record ClassRow(string Class, int Count, double Accuracy, IReadOnlyDictionary<string, int> Decided)
{
    /// <summary>Within each budget of the attacks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassRobustRow>? Robust { get; init; }

    /// <summary>The rows of all classes.</summary>
    /// <param name="decisions">Of the split.</param>
    /// <param name="names">Of the classes; of two the positive one first.</param>
    internal static IReadOnlyList<ClassRow> Of(SplitDecisions decisions, IReadOnlyList<string> names)
    {
        string[] unique = [.. decisions.Counts.Select((_, k) => names.Take(k).Contains(names[k]) ? $"{names[k]} ({k + 1})" : names[k])];
        return
        [
            .. decisions.Counts.Select((count, k) => new ClassRow(
                unique[k], count, decisions.Recall(k), decisions.Confusion[k].Select((number, other) => (unique[other], number)).ToDictionary(pair => pair.Item1, pair => pair.number))),
        ];
    }
}

/// <summary>A class within one distance.</summary>
/// <param name="Norm">Of the distance.</param>
/// <param name="Epsilon">The distance.</param>
/// <param name="RobustAccuracy">Share of its samples that are decided correctly and not flipped; null where none of its correct ones was attacked.</param>
/// <param name="CertifiedAccuracy">Share of its samples whose correct decision is certified; null where it is not known.</param>
public sealed record ClassRobustRow(AttackNorm Norm, double Epsilon, double? RobustAccuracy, double? CertifiedAccuracy);
