namespace Differential.Core.Networks;

/// <summary>Who takes the output of each node of a plan, and whether a backward pass reads it.</summary>
internal sealed class OutputUses
{
    private readonly int[][] _takers;
    private readonly bool[] _isRead;

    /// <param name="layers">The nodes.</param>
    /// <param name="planned">Their operations.</param>
    /// <param name="purpose">What the plan is for.</param>
    public OutputUses(IReadOnlyList<FusedLayer> layers, IReadOnlyList<PlannedLayer> planned, PlanPurpose purpose)
    {
        End = layers.Count - 1;
        var takers = new List<int>[layers.Count];
        _isRead = new bool[layers.Count];
        for (int i = 0; i <= End; i++)
        {
            takers[i] = [];
            _isRead[i] = purpose != PlanPurpose.Inference && planned[i].OutputUse != OutputUse.None;
            foreach (int source in layers[i].Inputs.Where(static source => source >= 0))
            {
                takers[source].Add(i);
                _isRead[source] |= purpose != PlanPurpose.Inference && planned[i].ReadsInputs(purpose);
            }
        }

        _takers = [.. takers.Select(static list => list.ToArray())];
        if (purpose != PlanPurpose.Inference && layers[End].Inputs[0] is var features and >= 0)
        {
            // Features are asked for after a backward pass too.
            _isRead[features] = true;
        }
    }

    /// <summary>The last node, whose output are the scores.</summary>
    public int End { get; }

    /// <summary>The nodes that take a node's output, from first to last; one that takes it twice is there twice.</summary>
    public IReadOnlyList<int> Takers(int node) => _takers[node];

    /// <summary>The last node that takes a node's output; the last node's own number for its scores.</summary>
    public int LastTaker(int node) => node == End ? End : _takers[node][^1];

    /// <summary>Whether a backward pass reads a node's output, or somebody behind it does.</summary>
    public bool IsRead(int node) => _isRead[node];
}
