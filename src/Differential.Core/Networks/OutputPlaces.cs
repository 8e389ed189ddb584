namespace Differential.Core.Networks;

/// <summary>
/// Where the outputs of a plan's nodes lie: in a tensor of their own; in a buffer that others take when nobody needs them any more; or, of a segment that is
/// recomputed, in the room that all segments share, each when its turn comes.
/// </summary>
internal sealed class OutputPlaces
{
    /// <summary>Elements of a sample to which places in the segments' room are rounded up, so that each is aligned for every batch.</summary>
    private const int Unit = 16;

    private readonly int[] _buffers;
    private readonly int[] _offsets;
    private readonly bool[] _isRepeated;

    /// <param name="lengths">Elements of each node's output of one sample.</param>
    /// <param name="uses">Who takes them.</param>
    /// <param name="activations">What a training does with them.</param>
    /// <param name="buffers">Takes what only forward passes need, from step 0 on, a step for each node.</param>
    /// <param name="maxBatch">Largest number of samples.</param>
    public OutputPlaces(IReadOnlyList<int> lengths, OutputUses uses, Activations activations, BufferPlan buffers, int maxBatch)
    {
        _buffers = [.. lengths.Select(static _ => -1)];
        _offsets = [.. _buffers];
        _isRepeated = new bool[lengths.Count];
        if (activations == Activations.Recomputed)
        {
            int[] rounded = [.. lengths.Select((length, i) => i == uses.End ? 0 : RoundUp(length))];
            Segments = ActivationSegments.Cut(rounded, [.. rounded.Select((_, i) => uses.LastTaker(i))], NetworkArchitecture.MaxElements / maxBatch);
            for (int segment = 0; segment < Segments.Length; segment++)
            {
                PlaceSegment(Segments[segment], segment + 1 < Segments.Length ? Segments[segment + 1] : lengths.Count, rounded, uses);
            }
        }
        else
        {
            for (int i = 0; i < uses.End; i++)
            {
                _buffers[i] = uses.IsRead(i) ? -1 : buffers.Place(lengths[i], i, uses.LastTaker(i));
            }
        }
    }

    /// <summary>The first node of each segment; one segment where nothing is recomputed.</summary>
    public int[] Segments { get; } = [0];

    /// <summary>Elements of a sample of the room for segments.</summary>
    public int Room { get; private set; }

    /// <summary>Whether a node's output has a tensor of its own.</summary>
    public bool IsOwn(int node) => _buffers[node] < 0 && _offsets[node] < 0;

    /// <summary>Whether a node's output stays where it is until the gradient by it is there.</summary>
    public bool Stays(int node) => _buffers[node] < 0;

    /// <summary>The buffer of a node's output; −1 where it is in none.</summary>
    public int Buffer(int node) => _buffers[node];

    /// <summary>The first element of a node's output in the segments' room, of a sample.</summary>
    public int Offset(int node) => _offsets[node];

    /// <summary>Whether a node is computed again before the gradients of its segment.</summary>
    public bool IsRepeated(int node) => _isRepeated[node];

    private static int RoundUp(int length) => checked((length + Unit - 1) / Unit * Unit);

    /// <summary>What a later segment takes stays. Of the others those that no gradient reads give their place to later ones.</summary>
    private void PlaceSegment(int start, int end, int[] lengths, OutputUses uses)
    {
        var room = new BufferPlan();
        var places = new Dictionary<int, int>();
        for (int i = start; i < end; i++)
        {
            if (i < uses.End && uses.LastTaker(i) < end)
            {
                places.Add(i, room.Place(lengths[i], i, uses.IsRead(i) ? end : uses.LastTaker(i)));
            }
        }

        int[] offsets = [0, .. room.Lengths];
        for (int i = 1; i < offsets.Length; i++)
        {
            offsets[i] += offsets[i - 1];
        }

        Room = Math.Max(Room, offsets[^1]);
        for (int i = end - 1; i >= start; i--)
        {
            if (places.TryGetValue(i, out int place))
            {
                _offsets[i] = offsets[place];
                _isRepeated[i] = uses.IsRead(i) || uses.Takers(i).Any(taker => _isRepeated[taker]);
            }
        }
    }
}
