using Differential.Core.Decisions;
using Differential.Kernels.Perturbation;

namespace Differential.Core.Attacks;

/// <summary>
/// A search for small changes of inputs that change a decision. The base classes own bounds, clipping, batches and the
/// check of each success on the clipped input; a subclass writes only the search within one batch.
/// An attack holds its settings and the workspaces of the session it was prepared for; it runs in one session at a time.
/// </summary>
public abstract class Attack
{
    private AttackSession? _session;

    private protected Attack(AttackOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        Ball = options.Norm.Kernel();
    }

    public AttackOptions Options { get; }

    /// <summary>Whether a search gains from an aim: one that follows gradients.</summary>
    internal virtual bool CanAim => true;

    /// <summary>
    /// Searches of each batch: one towards whichever other class is nearest at each step, then, of three classes or more, one aimed at each
    /// other class.
    /// </summary>
    internal int Aims => CanAim ? 1 + Math.Min(Options.Targets ?? int.MaxValue, Session.Model.Scores - 1) : 1;

    /// <summary>The kernels' name for the norm.</summary>
    private protected PerturbationNorm Ball { get; }

    private protected AttackSession Session => _session ?? throw new InvalidOperationException("the attack has not been prepared");

    /// <summary>The attack that the options describe.</summary>
    public static Attack Create(AttackOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.CreateAttack();
    }

    /// <summary>Takes the workspaces for a session; they are the session's and go with it.</summary>
    internal void Prepare(AttackSession session)
    {
        _session = session;
        Plan(session);
    }

    /// <summary>Attacks all of the session's samples: one outcome per budget, or one of distances.</summary>
    internal abstract IReadOnlyList<AttackOutcome> Run();

    /// <summary>Allocates what the search needs, once per session.</summary>
    private protected abstract void Plan(AttackSession session);

    private protected AttackOutcome Outcome(double? epsilon, bool[] flipped) => new()
    {
        Kind = Options.Name,
        Norm = Options.Norm,
        Epsilon = epsilon,
        Flipped = flipped,
        FlippedCount = flipped.Count(value => value),
        Counters = Session.Counters.Snapshot(),
    };
}
