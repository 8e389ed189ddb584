
using Differential.Core.Attacks;
using Differential.Core.Decisions;

namespace Differential.Core.Checks;

/// <summary>What the checks may cost: they attack some samples in one norm around one budget.</summary>
public sealed record CheckOptions
{
    public required AttackNorm Norm { get; init; }

    /// <summary>Radius of the ball, above 0.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Correctly decided samples that are attacked at most, at least 1.</summary>
    public int Samples { get; init; } = 100;

    /// <summary>Steps of the checks' PGD.</summary>
    public int Steps { get; init; } = 20;

    /// <summary>Forward passes of the gradient-free attack for each sample.</summary>
    public int Queries { get; init; } = 500;

    public long Seed { get; init; } = 1;

    /// <summary>
    /// A budget of exactly a distance that a search found leaves the flip to the last digits: there a single step hits, and PGD, whose
    /// last step stops a little short of the ball's farthest point, does not.
    /// </summary>
    private const double BeyondMedian = 1.05;

    /// <summary>
    /// The norm and budget of a run for which its attacks are most telling: the budget whose flip rate is nearest to one half, of
    /// attacks with several steps before others; a little more than a minimum-norm attack's median distance where no attack has a budget.
    /// </summary>
    /// <param name="run">The run's results on a split.</param>
    /// <param name="options">Its attacks, for the number of steps.</param>
    /// <returns>Null where nothing was attacked, or with no budget above 0.</returns>
    public static CheckOptions? From(SplitAttackResult run, IReadOnlyList<AttackOptions> options)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(options);
        AttackResult? nearest = run.Attacks
            .Where(static outcome => outcome.Epsilon > 0)
            .OrderBy(static outcome => IsIterative(outcome.Kind) ? 0 : 1)
            .ThenBy(static outcome => Math.Abs(outcome.FlipRate - 0.5))
            .FirstOrDefault();
        AttackResult? distances = run.Attacks.FirstOrDefault(static outcome => outcome.DistanceSummary?.Median > 0);
        if (run.Attacked == 0 || (nearest is null && distances is null))
        {
            return null;
        }

        // The checks' attacks are in L2 or L∞: of flips that are small in L1 the L2 distances count.
        AttackNorm norm = nearest?.Norm ?? (distances!.Norm == AttackNorm.L1 ? AttackNorm.L2 : distances.Norm);
        return new CheckOptions
        {
            Norm = norm,
            Epsilon = nearest?.Epsilon ?? (BeyondMedian * DistanceSummary.From([.. distances!.Found.Select(found => found?.In(norm))]).Median!.Value),
            Steps = Math.Clamp(options.OfType<PgdOptions>().Select(static pgd => pgd.Steps).DefaultIfEmpty(20).Max(), 10, 40),
        };
    }

    private static bool IsIterative(string kind) => kind is "pgd" or "apgd" or "suite";
}
