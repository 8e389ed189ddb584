using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>
/// The nearest flip of each row of a batch over several searches, on the host. Each search ends with its own bisection before it is
/// compared, so that one search more never makes a distance larger.
/// </summary>
internal sealed class NearestFlips(AttackSession session, AttackNorm norm)
{
    private readonly float[] _inputs = new float[session.Capacity * session.Length];
    private readonly FlipDistances?[] _distances = new FlipDistances?[session.Capacity];

    /// <summary>Forgets all.</summary>
    public void Clear() => Array.Clear(_distances);

    /// <summary>Distance of the nearest flip of a row; ∞ where none was taken.</summary>
    public double Distance(int row) => _distances[row]?.In(norm) ?? double.PositiveInfinity;

    /// <summary>Keeps the found inputs that are nearer than those before, and makes these rows open again.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">The rows that the search was for.</param>
    public void Take(AttackBatch batch, bool[] rows)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            if (!rows[row] || !batch.IsFound[row])
            {
                continue;
            }

            float[] input = batch.ReadFound(row);
            var distances = FlipDistances.Between(input, batch.CleanValues(row));
            if (distances.In(norm) < Distance(row))
            {
                _distances[row] = distances;
                input.CopyTo(_inputs, row * session.Length);
            }

            batch.IsFound[row] = false;
        }
    }

    /// <summary>The nearest flips become the batch's found rows.</summary>
    public void WriteTo(AttackBatch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            if (_distances[row] is FlipDistances distances)
            {
                batch.WriteFound(row, _inputs.AsSpan(row * session.Length, session.Length));
                batch.Distances[row] = distances;
            }
        }
    }
}
