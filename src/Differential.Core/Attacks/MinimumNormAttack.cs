
using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>An attack that looks for the smallest change of each sample; its distances give the flips at any budget.</summary>
public abstract class MinimumNormAttack : Attack
{
    private protected MinimumNormAttack(AttackSession session, AttackOptions options)
        : base(session, options)
    {
    }

    internal override IReadOnlyList<AttackResult> Run()
    {
        AttackSession session = Session;
        AttackBatch batch = session.Batch;
        int count = session.Samples.Count;
        var distances = new double?[count];
        float[]?[]? adversarial = session.KeepAdversarial ? new float[]?[count] : null;
        session.Counters.Reset();
        session.Progress(this, null, 0);
        int done = 0;
        foreach (int[] positions in Enumerable.Range(0, count).Chunk(session.Capacity))
        {
            batch.Load(positions);
            SearchAll(batch);
            for (int row = 0; row < batch.Count; row++)
            {
                if (batch.IsFound[row])
                {
                    distances[positions[row]] = batch.Distances[row];
                }
            }

            batch.ReadFound(adversarial);
            done += positions.Length;
            session.Progress(this, null, done);
        }

        AttackResult result = Result(null, [.. distances.Select(distance => distance is not null)]) with
        {
            Distances = distances,
            DistanceSummary = DistanceSummary.From(distances),
            Adversarial = adversarial,
        };
        session.Finished(result);
        return [result];
    }

    /// <summary>
    /// Looks for the nearest flip of each of the batch's samples and puts it among its found rows; the base class
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

        int[] open = [.. Enumerable.Range(0, batch.Count).Where(row => !batch.IsFound[row])];
        var nearest = new Dictionary<int, (float Distance, float[] Input)>();
        for (int aim = 0; aim < Aims; aim++)
        {
            batch.Aim(aim);
            SearchAndVerify(batch);
            foreach (int row in open)
            {
                if (batch.IsFound[row] && !(nearest.TryGetValue(row, out var before) && before.Distance <= batch.Distances[row]))
                {
                    nearest[row] = (batch.Distances[row], batch.ReadFound(row));
                }

                batch.IsFound[row] = false;
            }
        }

        batch.Aim(0);
        foreach ((int row, (float distance, float[] input)) in nearest)
        {
            batch.WriteFound(row, input);
            batch.Distances[row] = distance;
        }
    }

    private void SearchAndVerify(AttackBatch batch)
    {
        Search(batch);
        Session.Verifier.Verify(batch, Ball, double.PositiveInfinity, Options.Rounded);
    }
}
