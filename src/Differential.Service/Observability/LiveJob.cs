using Differential.Service.Jobs;
using Differential.Service.Progress;

namespace Differential.Service.Observability;

/// <summary>What is known at this moment of a job that this process runs or ran lately.</summary>
internal sealed record LiveJob
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required JobState State { get; init; }

    public required string Device { get; init; }

    /// <summary>The loss of a comparison, or the number of a sweep's job, that is being worked on.</summary>
    public string? Model { get; init; }

    /// <summary>What is being done: "epoch 3 of 15", "pgd l2 within 0.5".</summary>
    public string? Phase { get; init; }

    /// <summary>How far the whole job is; null before it is known and after its end.</summary>
    public JobProgress? Progress { get; init; }

    /// <summary>Training samples per second; null in other phases.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>Attacked samples that are done per second; null in other phases.</summary>
    public double? AttackedPerSecond { get; init; }

    public double? Loss { get; init; }

    public double? ScoreMargin { get; init; }

    public double? TrainAccuracy { get; init; }

    public double? TestAccuracy { get; init; }

    public IReadOnlyList<LiveFlipRate> FlipRates { get; init; } = [];
}

/// <summary>The flip rate of an attack within a budget.</summary>
internal sealed record LiveFlipRate(string? Model, string Split, string Attack, string Norm, double Epsilon, double Rate);
