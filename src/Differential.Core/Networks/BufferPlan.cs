namespace Differential.Core.Networks;

/// <summary>
/// Puts tensors that are needed for a time only into as few buffers as that takes: a buffer whose tensor is no longer needed is taken again.
/// </summary>
internal sealed class BufferPlan
{
    private readonly List<(int Length, int Last)> _buffers = [];

    /// <summary>Elements of each buffer.</summary>
    public IEnumerable<int> Lengths => _buffers.Select(static buffer => buffer.Length);

    /// <summary>A buffer for a tensor: of those that are free the smallest that is large enough, else the largest, which grows.</summary>
    /// <param name="length">Its elements.</param>
    /// <param name="first">Step in which it is written; not before that of any tensor placed earlier.</param>
    /// <param name="last">Step in which it is read last.</param>
    /// <returns>The buffer's number.</returns>
    public int Place(int length, int first, int last)
    {
        int best = -1;
        for (int i = 0; i < _buffers.Count; i++)
        {
            if (_buffers[i].Last < first && (best < 0 || IsBetter(_buffers[i].Length, _buffers[best].Length, length)))
            {
                best = i;
            }
        }

        if (best < 0)
        {
            best = _buffers.Count;
            _buffers.Add((0, 0));
        }

        _buffers[best] = (Math.Max(_buffers[best].Length, length), last);
        return best;
    }

    private static bool IsBetter(int candidate, int best, int length) =>
        candidate >= length ? best < length || candidate < best : best < length && candidate > best;
}
