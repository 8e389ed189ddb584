namespace Differential.Core.Batches;

/// <summary>A class's samples in random rounds: none comes back before all others of the round have been there.</summary>
internal sealed class ClassRounds(int[] samples, RandomStream stream)
{
    private readonly int[] _round = [.. samples];
    private int _next = samples.Length;

    /// <summary>The next sample.</summary>
    public int Next()
    {
        if (_next == _round.Length)
        {
            samples.CopyTo(_round, 0);
            stream.Shuffle<int>(_round);
            _next = 0;
        }

        return _round[_next++];
    }
}
