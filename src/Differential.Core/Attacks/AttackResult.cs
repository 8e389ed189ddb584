
using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>
/// What one attack found, for one budget or (minimum-norm attacks) without one. Lists run over the attacked samples in
/// the order of <see cref="SplitAttackResult.Samples"/>.
/// </summary>
public sealed record AttackResult
{
    /// <summary>The attack as job files name it.</summary>
    public required string Kind { get; init; }

    public required AttackNorm Norm { get; init; }

    /// <summary>Radius of the ball; null for a minimum-norm attack.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Whether each sample's decision was changed, verified on the clipped input.</summary>
    public required IReadOnlyList<bool> Flipped { get; init; }

    public required int FlippedCount { get; init; }

    /// <summary>Flipped over attacked; 0 where none was attacked.</summary>
    public double FlipRate => Flipped.Count == 0 ? 0 : (double)FlippedCount / Flipped.Count;

    /// <summary>How far each sample's flipping input lies from it, in both norms; null where none was found.</summary>
    public IReadOnlyList<FlipDistances?> Found { get; init; } = [];

    /// <summary>The attack that found each flip, as job files name it: of a suite the part; null where none did.</summary>
    public IReadOnlyList<string?> FoundBy { get; init; } = [];

    /// <summary>Smallest distance found for each sample, null where no flip was found; minimum-norm attacks only.</summary>
    public IReadOnlyList<double?>? Distances { get; init; }

    public DistanceSummary? DistanceSummary { get; init; }

    /// <summary>The clipped adversarial input of each flipped sample, as stored (channels last); null unless kept.</summary>
    public IReadOnlyList<float[]?>? Adversarial { get; init; }

    /// <summary>The smallest flips in the attack's norm, nearest first, as many as the run was asked to keep; of several budgets with the largest alone.</summary>
    public IReadOnlyList<AdversarialExample> Examples { get; init; } = [];

    /// <summary>What the search met on its way; of this budget alone.</summary>
    public required AttackCounts Counters { get; init; }

    /// <summary>Searches that ended at a gradient of exactly 0: a sign of saturated scores.</summary>
    public long ZeroGradients => Counters.ZeroGradients;

    /// <summary>Searches that ended at a gradient with a NaN or an infinite value.</summary>
    public long NonFiniteGradients => Counters.NonFiniteGradients;

    /// <summary>Of a minimum-norm attack: the share of samples that it flips within ε.</summary>
    /// <exception cref="InvalidOperationException">The attack has no distances.</exception>
    public double FlipRateWithin(double epsilon)
    {
        IReadOnlyList<double?> distances = Distances ?? throw new InvalidOperationException($"{Kind} has no distances");
        return distances.Count == 0 ? 0 : (double)distances.Count(distance => distance <= epsilon) / distances.Count;
    }
}

/// <summary>What a search met on its way.</summary>
/// <param name="Gradients">Input gradients taken, in samples.</param>
/// <param name="ZeroGradients">Searches that ended at a gradient of exactly 0.</param>
/// <param name="NonFiniteGradients">Searches that ended at a gradient with a NaN or an infinite value.</param>
/// <param name="Unverified">Flips of a search that the fresh forward pass on the clipped input, or the distance, did not bear out.</param>
public readonly record struct AttackCounts(long Gradients, long ZeroGradients, long NonFiniteGradients, long Unverified);
