using Differential.Core.Decisions;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>
/// A search for small changes of inputs that change a decision. The base classes own bounds, clipping, batches and the
/// check of each success on the clipped input; a subclass writes only the search within one batch.
/// An attack is made for one session, with all the workspaces it needs: its options make it.
/// </summary>
internal abstract class Attack
{
    private protected Attack(AttackSession session, AttackOptions options)
    {
        if (options.Norm == AttackNorm.L1 && options is not FmnOptions)
        {
            throw new NotSupportedException($"{options.Name} is for the norms l2 and linf; fmn is for l1 too");
        }

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

    /// <summary>The smallest flips, decided on once more. The batch's rows are overwritten.</summary>
    private protected IReadOnlyList<AdversarialExample> Examples(FoundFlips found)
    {
        var examples = new List<AdversarialExample>();
        foreach ((int Position, float[] Input)[] part in found.Smallest.Chunk(Session.Capacity))
        {
            RowLabel[] labels = [.. part.Select(flip => Session.Decision.Row(Session.Samples[flip.Position].Label))];
            for (int row = 0; row < part.Length; row++)
            {
                Session.Batch.WriteFound(row, part[row].Input);
            }

            var margins = new float[part.Length];
            Session.Margins(Session.Batch.Found, labels, margins);
            int targets = Session.Decision.Targets;
            var ranks = new int[targets];
            for (int row = 0; row < part.Length; row++)
            {
                Session.Decision.Rank(Session.Scores(row), labels[row], ranks);
                int decided = targets > 0 ? ranks[0] : 1 - SplitDecisions.ClassOf((sbyte)labels[row].Value, Session.Decision.Scores);
                examples.Add(new AdversarialExample(part[row].Position, part[row].Input, found.Distances[part[row].Position]!.Value, margins[row], decided));
            }
        }

        return examples;
    }

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
