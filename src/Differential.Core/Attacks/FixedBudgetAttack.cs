namespace Differential.Core.Attacks;

/// <summary>
/// An attack with a list of budgets, smallest first. A sample that flipped within a smaller budget counts as flipped,
/// with the same adversarial input, within every larger one and is not attacked again.
/// </summary>
internal abstract class FixedBudgetAttack : Attack
{
    private readonly double[] _epsilons;

    private protected FixedBudgetAttack(AttackSession session, FixedBudgetOptions options)
        : base(session, options) => _epsilons = [.. options.Epsilons.Select(epsilon => epsilon.Value).Distinct().Order()];

    internal override IReadOnlyList<AttackResult> Run()
    {
        AttackSession session = Session;
        var results = new List<AttackResult>();
        var found = new FoundFlips(session, Options.Norm);
        foreach (double epsilon in _epsilons)
        {
            session.Counters.Reset();
            RunBudget(epsilon, found);
            AttackResult result = Result(epsilon, found);
            if (epsilon == _epsilons[^1])
            {
                result = result with { Examples = Examples(found) };
            }

            results.Add(result);
            session.Finished(result);
        }

        return results;
    }

    /// <summary>
    /// Looks for a flip of each of the batch's samples that is not yet found, within ε, and puts the flips among its
    /// found rows; the base class checks them.
    /// </summary>
    internal abstract void Search(AttackBatch batch, double epsilon);

    /// <summary>The search with each of the aims, on the samples that the aims before did not flip; what is found is checked.</summary>
    internal void SearchAll(AttackBatch batch, double epsilon)
    {
        for (int aim = 0; aim < Aims && (aim == 0 || !batch.IsAllFound); aim++)
        {
            batch.Aim(aim);
            Search(batch, epsilon);
            Session.Verifier.Verify(batch, Options.Norm, epsilon, Options.Rounded);
            batch.Credit(Options.Name);
        }

        batch.Aim(0);
    }

    private void RunBudget(double epsilon, FoundFlips found)
    {
        AttackSession session = Session;
        AttackBatch batch = session.Batch;
        int[] pending = found.Open();
        int done = session.Samples.Count - pending.Length;
        session.Progress(this, epsilon, done);
        foreach (int[] positions in pending.Chunk(session.Capacity))
        {
            batch.Load(positions);
            SearchAll(batch, epsilon);
            found.Take(batch, positions);
            done += positions.Length;
            session.Progress(this, epsilon, done);
        }
    }
}
