namespace Differential.Core.Theory;

/// <summary>How a theory experiment trains.</summary>
public sealed record TheoryOptions
{
    /// <summary>Steps of each training at most.</summary>
    public int MaxIterations { get; init; } = 10_000;

    /// <summary>The differential training with momentum ends at this share of the largest margin, in (0, 1].</summary>
    public double TargetShare { get; init; } = 0.999;

    /// <summary>Pairs that the training on random pairs draws at each step.</summary>
    public int RandomPairs { get; init; } = 20;

    /// <summary>Of the random pairs.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The learning rates; null for <see cref="LearningRates.For"/> the points.</summary>
    public LearningRates? Rates { get; init; }
}
