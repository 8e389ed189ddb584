namespace Differential.Core.Networks;

/// <summary>A layer that computes something, with what is folded into it.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Inputs">Numbers of the fused layers whose outputs it takes; −1 is the network's input.</param>
internal sealed record FusedLayer(Layer Layer, int[] Inputs)
{
    public Fusion Fusion { get; init; } = Fusion.None;
}

/// <summary>An architecture's graph for plans: without the layers that compute nothing, and with those folded that another layer takes along.</summary>
internal static class FusedGraph
{
    /// <param name="architecture">The layers.</param>
    /// <param name="purpose">A plan for training computes layers that others leave out.</param>
    public static IReadOnlyList<FusedLayer> Of(NetworkArchitecture architecture, PlanPurpose purpose)
    {
        IReadOnlyList<GraphNode> nodes = architecture.Nodes;
        var uses = new int[nodes.Count];
        foreach (GraphNode node in nodes.Where(node => !IsLeftOut(node.Layer)))
        {
            foreach (int input in node.Inputs)
            {
                if (Source(input) is var source and >= 0)
                {
                    uses[source]++;
                }
            }
        }

        var fused = new List<FusedLayer>();
        var places = new int[nodes.Count];
        for (int i = 0; i < nodes.Count; i++)
        {
            int first = Source(nodes[i].Inputs[0]);
            int place = first < 0 ? GraphBuilder.Input : places[first];
            if (IsLeftOut(nodes[i].Layer))
            {
                places[i] = place;
            }
            else if (nodes[i].Layer is ReluLayer && place >= 0 && uses[first] == 1 && fused[place].Layer.TakesRelu)
            {
                fused[place] = fused[place] with { Fusion = fused[place].Fusion with { Relu = true } };
                places[i] = place;
            }
            else if (nodes[i].Layer is BatchNormLayer norm && purpose != PlanPurpose.Training && place >= 0 && uses[first] == 1
                && fused[place].Layer is { Weight: not null } linear && linear.Output[linear.Output.Rank - 1] == norm.Channels && fused[place].Fusion == Fusion.None)
            {
                fused[place] = fused[place] with { Fusion = new Fusion(false, norm) };
                places[i] = place;
            }
            else
            {
                places[i] = fused.Count;
                fused.Add(new FusedLayer(nodes[i].Layer, [.. nodes[i].Inputs.Select(input => Source(input) is var source and >= 0 ? places[source] : GraphBuilder.Input)]));
            }
        }

        return fused;

        bool IsLeftOut(Layer layer) => layer.IsIdentity && !(purpose == PlanPurpose.Training && layer.DependsOnMode);

        // The node that computes what another one yields.
        int Source(int node) => node >= 0 && IsLeftOut(nodes[node].Layer) ? Source(nodes[node].Inputs[0]) : node;
    }
}
