using System.Text.Json.Serialization;
using Differential.Service.Jobs;

namespace Differential.Service.History;

/// <summary>A run that has ended, as lists show it.</summary>
public sealed record RunSummary
{
    /// <summary>The name of the run's folder; of a sweep's job "SWEEP/jobs/3".</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Kind { get; init; }

    /// <summary>done, failed or cancelled.</summary>
    public required JobState State { get; init; }

    public required string Device { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Finished { get; init; }

    /// <summary>Time of the work.</summary>
    public required double Seconds { get; init; }

    /// <summary>The highest share of test samples that a network of the run decides correctly.</summary>
    public double? Accuracy { get; init; }

    /// <summary>The highest robust accuracy of a network of the run.</summary>
    public double? RobustAccuracy { get; init; }

    /// <summary>At which norm and budget: "L2 0.5".</summary>
    public string? RobustAt { get; init; }

    public string? Error { get; init; }

    /// <summary>The networks that were trained or attacked.</summary>
    public required IReadOnlyList<RunNetwork> Networks { get; init; }

    /// <summary>The run's folder, absolute.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = string.Empty;

    /// <summary>The job's fields by their paths, and the run's own: what filters ask for.</summary>
    [JsonIgnore]
    internal IReadOnlyDictionary<string, FieldValue> Fields { get; init; } = new Dictionary<string, FieldValue>();

    /// <summary>The figures of the result by their names.</summary>
    [JsonIgnore]
    internal IReadOnlyDictionary<string, double?> Figures { get; init; } = new Dictionary<string, double?>();
}

/// <summary>A network of a run.</summary>
public sealed record RunNetwork
{
    /// <summary>Its name in a comparison; null elsewhere.</summary>
    public string? Name { get; init; }

    /// <summary>The loss that it was trained with; null where the run does not tell.</summary>
    public string? Loss { get; init; }

    public long? Seed { get; init; }

    public double? TrainAccuracy { get; init; }

    /// <summary>Share of test samples decided correctly; of the attacked split where the run did not train.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Share of samples that are decided correctly and that no attack of the run flips within the budget of <see cref="RunSummary.RobustAt"/>.</summary>
    public double? RobustAccuracy { get; init; }
}
