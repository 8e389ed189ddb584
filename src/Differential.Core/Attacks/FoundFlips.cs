namespace Differential.Core.Attacks;

/// <summary>What an attack has found of a run's samples, by position in their list.</summary>
/// <param name="count">Samples.</param>
/// <param name="keepsInputs">Whether the inputs themselves are kept.</param>
internal sealed class FoundFlips(int count, bool keepsInputs)
{
    /// <summary>How far each sample's flipping input lies from it; null where none was found.</summary>
    public FlipDistances?[] Distances { get; } = new FlipDistances?[count];

    /// <summary>The attack that found each flip, as job files name it.</summary>
    public string?[] By { get; } = new string?[count];

    /// <summary>The flipping inputs; null unless kept.</summary>
    public float[]?[]? Inputs { get; } = keepsInputs ? new float[]?[count] : null;

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
            }
        }

        batch.ReadFound(Inputs);
    }
}
