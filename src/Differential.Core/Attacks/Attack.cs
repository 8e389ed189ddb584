using Differential.Core.Decisions;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>
/// A search for small changes of inputs that change a decision. The base classes own bounds, clipping, batches and the
/// check of each success on the clipped input; a subclass writes only the search within one batch.
/// An attack is made for one session, with all the workspaces it needs: its options make it.
/// </summary>
public abstract class Attack
{
    private protected Attack(AttackSession session, AttackOptions options)
    {
        (Session, Options) = (session, options);
        Ball = options.Norm.Kernel();
    }

    public AttackOptions Options { get; }

    /// <summary>Whether a search gains from an aim: one that follows gradients.</summary>
    internal virtual bool CanAim => true;

    /// <summary>
    /// Searches of each batch: one towards whichever other class is nearest at each step, then one aimed at each other class where there are
    /// several.
    /// </summary>
    internal int Aims => CanAim ? 1 + Math.Min(Options.Targets ?? int.MaxValue, Session.Decision.Targets) : 1;

    /// <summary>The kernels' name for the norm.</summary>
    private protected RowNorm Ball { get; }

    /// <summary>What the attack runs in; it owns the attack's workspaces.</summary>
    private protected AttackSession Session { get; }

    /// <summary>Attacks all of the session's samples: one result per budget, or one of distances.</summary>
    internal abstract IReadOnlyList<AttackResult> Run();

    private protected AttackResult Result(double? epsilon, FoundFlips found) => new()
    {
        Kind = Options.Name,
        Norm = Options.Norm,
        Epsilon = epsilon,
        Flipped = [.. found.Distances.Select(distance => distance is not null)],
        FlippedCount = found.Distances.Count(distance => distance is not null),
        Found = [.. found.Distances],
        FoundBy = [.. found.By],
        Adversarial = found.Inputs is null ? null : [.. found.Inputs],
        Counters = Session.Counters.Snapshot(),
    };
}
