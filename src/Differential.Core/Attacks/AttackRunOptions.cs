namespace Differential.Core.Attacks;

/// <summary>What a run of attacks does.</summary>
public sealed record AttackRunOptions
{
    public required IReadOnlyList<AttackOptions> Attacks { get; init; }

    /// <summary>Correctly decided samples to attack at most; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Decides the order of the samples and every random start.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Whether the adversarial inputs are kept for the results.</summary>
    public bool KeepAdversarial { get; init; }

    /// <summary>How many of the smallest flips of each attack are kept as <see cref="AttackResult.Examples"/>.</summary>
    public int Examples { get; init; }

    /// <summary>
    /// Whether attacks that can queue steps without looking at each (<see cref="QueuedDescent"/>) do; by default where the device has a queue
    /// and the model needs nothing of the host. The flips are the same, up to the rounding of products split by the number of rows.
    /// </summary>
    internal bool? QueuesSteps { get; init; }
}
