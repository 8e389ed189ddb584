using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>An attack that looks for the smallest change of each sample; its distances give the flips at any budget.</summary>
internal abstract class MinimumNormAttack : Attack
{
    private readonly NearestFlips _nearest;

    private protected MinimumNormAttack(AttackSession session, AttackOptions options)
        : base(session, options) => _nearest = new NearestFlips(session, options.Norm);

    internal override IReadOnlyList<AttackResult> Run()
    {
        AttackSession session = Session;
        AttackBatch batch = session.Batch;
        int count = session.Samples.Count;
        var found = new FoundFlips(session, Options.Norm);
        session.Counters.Reset();
        session.Progress(this, null, 0);
        int done = 0;
        foreach (int[] positions in Enumerable.Range(0, count).Chunk(session.Capacity))
        {
            batch.Load(positions);
            SearchAll(batch);
            found.Take(batch, positions);
            done += positions.Length;
            session.Progress(this, null, done);
        }

        double?[] distances = [.. found.Distances.Select(distance => distance?.In(Options.Norm))];
        AttackResult result = Result(null, found) with { Distances = distances, DistanceSummary = DistanceSummary.From(distances), Examples = Examples(found) };
        session.Finished(result);
        return [result];
    }

    /// <summary>
    /// Looks for the nearest flip of each of the batch's samples that is not yet found and puts it among its found rows; the base class
    /// checks it and measures its distance.
    /// </summary>
    internal abstract void Search(AttackBatch batch);

    /// <summary>The search with each of the aims, on the samples that are not found yet; the nearest flip of each that the check bears out.</summary>
    internal void SearchAll(AttackBatch batch)
    {
        if (Aims == 1)
        {
            SearchAndVerify(batch);
            return;
        }

        bool[] open = [.. batch.IsFound.Select(isFound => !isFound)];
        _nearest.Clear();
        for (int aim = 0; aim < Aims; aim++)
        {
            batch.Aim(aim);
            SearchAndVerify(batch);
            _nearest.Take(batch, open);
        }

        batch.Aim(0);
        _nearest.WriteTo(batch);
        batch.Credit(Options.Name);
    }

    private void SearchAndVerify(AttackBatch batch)
    {
        Search(batch);
        Session.Verifier.Verify(batch, Options.Norm, double.PositiveInfinity, Options.Rounded);
        batch.Credit(Options.Name);
    }
}
