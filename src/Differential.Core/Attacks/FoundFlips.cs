using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>What an attack has found of a run's samples, by position in their list.</summary>
/// <param name="session">The session.</param>
/// <param name="norm">In which flips are small.</param>
internal sealed class FoundFlips(AttackSession session, AttackNorm norm)
{
    private readonly PriorityQueue<(int Position, float[] Input), double> _smallest = new();

    /// <summary>How far each sample's flipping input lies from it; null where none was found.</summary>
    public FlipDistances?[] Distances { get; } = new FlipDistances?[session.Samples.Count];

    /// <summary>The attack that found each flip, as job files name it.</summary>
    public string?[] By { get; } = new string?[session.Samples.Count];

    /// <summary>The flipping inputs; null unless kept.</summary>
    public float[]?[]? Inputs { get; } = session.KeepAdversarial ? new float[]?[session.Samples.Count] : null;

    /// <summary>The smallest flips with their inputs, nearest first. Samples on the boundary itself, which need no change, are not among them.</summary>
    public IReadOnlyList<(int Position, float[] Input)> Smallest => [.. _smallest.UnorderedItems.OrderBy(item => -item.Priority).ThenBy(item => item.Element.Position).Select(item => item.Element)];

    /// <summary>Positions of the samples that are not found.</summary>
    public int[] Open() => [.. Enumerable.Range(0, Distances.Length).Where(position => Distances[position] is null)];

    /// <summary>Takes the found rows of a batch.</summary>
    /// <param name="batch">The batch, verified.</param>
    /// <param name="positions">Of its rows.</param>
    public void Take(AttackBatch batch, ReadOnlySpan<int> positions)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            if (batch.IsFound[row])
            {
                Distances[positions[row]] = batch.Distances[row];
                By[positions[row]] = batch.FoundBy[row];
                Keep(batch, row, positions[row]);
            }
        }

        batch.ReadFound(Inputs);
    }

    // The queue's head is the largest of those kept.
    private void Keep(AttackBatch batch, int row, int position)
    {
        double distance = batch.Distances[row].In(norm);
        if (session.Examples == 0 || !(distance > 0) || (_smallest.Count == session.Examples && _smallest.TryPeek(out _, out double largest) && distance >= -largest))
        {
            return;
        }

        if (_smallest.Count == session.Examples)
        {
            _smallest.Dequeue();
        }

        _smallest.Enqueue((position, batch.ReadFound(row)), -distance);
    }
}
